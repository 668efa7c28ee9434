/** Where the recorded answers to a story are. */
export function answersFile(story: string): URL {
  return new URL(`answers/${story.toLowerCase().replaceAll(' ', '-')}.yaml`, import.meta.url);
}
