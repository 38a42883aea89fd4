// What the finance page may do in a browser, wherever it is given out: in the cloud, by the local server, under test. Pure.

/**
 * What somebody who got into the page could do: ask its own origin and those that sign people in, and nobody else. Sent as the header
 * `content-security-policy`.
 */
export const contentSecurityPolicy = (signInOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...signInOrigins].join(' '),
    // Mails are shown as they were sent, each in a sandbox.
    "frame-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
