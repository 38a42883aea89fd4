// The finance page: its files behind CloudFront under headers of their own, and the finance API at the same origin under /api.
import { Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
  type BehaviorOptions,
  type DistributionProps,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { contentSecurityPolicy } from '../web/finance/content-security-policy.ts';
import type { FinanceSignIn } from './finance-sign-in.ts';
import { acknowledge } from './nag.ts';
import { HASHED, PageFiles, type PageFilesProps } from './page-files.ts';
import type { StageSettings } from './settings.ts';

/** The API stands there for the page. */
const API = '/api';

const PERMISSIONS = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

const headersOf = (scope: Construct, signInOrigins: readonly string[]): ResponseHeadersPolicy =>
  new ResponseHeadersPolicy(scope, 'Headers', {
    comment: 'The finance page of Recoup',
    securityHeadersBehavior: {
      contentSecurityPolicy: {
        contentSecurityPolicy: contentSecurityPolicy(signInOrigins),
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
    },
    customHeadersBehavior: {
      customHeaders: [
        { header: 'cross-origin-opener-policy', value: 'same-origin', override: true },
        { header: 'cross-origin-resource-policy', value: 'same-origin', override: true },
        { header: 'permissions-policy', value: PERMISSIONS, override: true },
      ],
    },
  });

/** What CloudFront runs to take the prefix off: the API itself knows nothing of it. */
const STRIP_PREFIX = `function handler(event) {
  event.request.uri = event.request.uri.slice(${API.length});
  return event.request;
}`;

const apiBehaviour = (scope: Construct, host: string): BehaviorOptions => ({
  origin: new HttpOrigin(host, {
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
  }),
  // A token that came without TLS is known to others; a redirect would hide that.
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  // The token and the query are handed on; by its own host API Gateway knows which API is meant.
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  // For what API Gateway itself answers. The door has stricter ones, which stay.
  responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
  functionAssociations: [
    {
      eventType: FunctionEventType.VIEWER_REQUEST,
      function: new Function(scope, 'StripPrefix', {
        comment: `Takes ${API} off what goes to the finance API`,
        runtime: FunctionRuntime.JS_2_0,
        code: FunctionCode.fromInline(STRIP_PREFIX),
      }),
    },
  ],
});

type Domain = StageSettings['financePage']['domain'];

const underDomain = (scope: Construct, domain: Domain): Partial<DistributionProps> =>
  domain === null
    ? {}
    : {
        domainNames: [domain.name],
        certificate: Certificate.fromCertificateArn(scope, 'Certificate', domain.certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      };

const REASONS = {
  CFR1: 'Staff work from anywhere, and nothing is shown to who is not signed in.',
  CFR2: 'It serves files, and an API that is throttled and answers nobody without a token.',
  CFR3: 'What is read and changed stands in the access log of the API; the files are the same for all.',
} as const;
const ONLY_CERTIFICATE =
  'The certificate of CloudFront’s own domain takes no choice; a domain of one’s own has TLS 1.2.';

export type FinancePageProps = PageFilesProps & {
  /** Where the finance API is. */
  readonly apiHost: string;
  /** What the page calls besides its own origin. */
  readonly signInOrigins: readonly string[];
};

export class FinancePage extends Construct {
  /** Where it is, with a slash at its end: people come back there from signing in. */
  readonly url: string;
  /** What a domain of one's own has to lead to. */
  readonly cloudFrontDomain: string;
  readonly #files: PageFiles;

  constructor(scope: Construct, id: string, props: FinancePageProps) {
    super(scope, id);
    const { stage, settings, apiHost, signInOrigins } = props;
    const { domain } = settings.financePage;
    this.#files = new PageFiles(this, 'Files', props);
    const files = {
      origin: S3BucketOrigin.withOriginAccessControl(this.#files.bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      responseHeadersPolicy: headersOf(this, signInOrigins),
    };
    const distribution = new Distribution(this, 'Distribution', {
      comment: `recoup-${stage}: the finance page`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: { ...files, cachePolicy: CachePolicy.CACHING_DISABLED },
      additionalBehaviors: {
        [HASHED]: { ...files, cachePolicy: CachePolicy.CACHING_OPTIMIZED },
        [`${API}/*`]: apiBehaviour(this, apiHost),
      },
      ...underDomain(this, domain),
    });
    for (const [rule, reason] of Object.entries(REASONS)) {
      acknowledge(distribution, `AwsSolutions-${rule}`, reason);
    }
    if (domain === null) acknowledge(distribution, 'AwsSolutions-CFR4', ONLY_CERTIFICATE);
    this.cloudFrontDomain = distribution.distributionDomainName;
    this.url = `https://${domain?.name ?? this.cloudFrontDomain}/`;
  }

  /** Puts the built page there, and tells it where the API is and how to sign in. */
  publish({ issuer, clientId, scope, endSession }: FinanceSignIn): void {
    this.#files.publish({ api: API, signIn: { issuer, clientId, scope, endSession } });
  }
}
