// How the bench measures: medians of batches that alternate, so that a noisy machine is noisy for all alike.

/** One thing to measure: `run` does the work once. */
export type Subject = { readonly name: string; readonly run: () => void | Promise<void> };

/** The value in the middle, or between the two in the middle; not a number when there is none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

const batch = async (subject: Subject, times: number): Promise<number> => {
  const start = performance.now();
  for (let i = 0; i < times; i += 1) await subject.run();
  return (performance.now() - start) / times;
};

/** Milliseconds a run of each subject: the median of `rounds` batches that alternate between the subjects. */
export const compare = async (
  subjects: readonly Subject[],
  times: number,
  rounds = 9,
): Promise<Map<string, number>> => {
  const results = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) await batch(subject, times);
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) results.get(subject.name)?.push(await batch(subject, times));
  }
  return new Map([...results].map(([name, values]) => [name, median(values)]));
};

/** Runs a second from milliseconds a run. */
export const perSecond = (ms: number): number => Math.round(1000 / ms);
