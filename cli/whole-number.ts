// A whole number between two others, as an option of a command takes it.
import { InvalidArgumentError } from 'commander';

/** Reads an option as a whole number; what is none is told with what to write. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };
