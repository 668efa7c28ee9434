/** Why a goal is not met, and what would be needed; written by hand, from profiles. Shown only when it is not met. */
export const REASONS: Readonly<Record<string, string>> = {};
