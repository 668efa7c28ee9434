declare const CHAOSGATE_VERSION: string | undefined;

/** The version of the package; the bundler puts it in. */
export const version: string =
  typeof CHAOSGATE_VERSION === 'undefined' ? '0.0.0-dev' : CHAOSGATE_VERSION;
