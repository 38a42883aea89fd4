// MJML has no types of its own: what of it is used here.
declare module 'mjml' {
  type Options = {
    readonly validationLevel: 'strict' | 'soft' | 'skip';
    readonly keepComments: boolean;
    readonly fonts: Readonly<Record<string, string>>;
  };
  type Compiled = {
    readonly html: string;
    readonly errors: readonly { readonly line: number; readonly message: string }[];
  };
  export default function mjml(source: string, options: Options): Promise<Compiled>;
}
