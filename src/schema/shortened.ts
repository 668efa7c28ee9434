/** Characters of what a message repeats: megabytes of it would help nobody, and cost everybody time. */
const MAX_TOLD = 10_000;

export function shortened(text: string): string {
  return text.length <= MAX_TOLD ? text : `${text.slice(0, MAX_TOLD)}...`;
}
