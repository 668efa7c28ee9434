import { InvalidArgumentError } from 'commander';

/** A parser for an option that takes an integer within bounds, both included. */
export function integerOption(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Give an integer from ${min} to ${max}.`);
    }
    return value;
  };
}
