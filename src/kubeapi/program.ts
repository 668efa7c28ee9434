/** The name of the server program, as clients see it. */
export interface Program {
  /** Part of the version that it says it serves, and the name in its certificate. */
  readonly name: string;
  readonly version: string;
  /** What a person started, such as `widgets serve`: for advice. */
  readonly command: string;
}
