// What a person is to know of how a command's work went: some of what the functions count, one line each.
import type { Metric, Telemetry } from '../core/ports.ts';

/** A telemetry that keeps what is counted under the names `noted` as lines, the first `most` of them. */
export const createNotes = (
  noted: readonly Metric[],
  most = Number.POSITIVE_INFINITY,
): { readonly telemetry: Telemetry; readonly notes: readonly string[] } => {
  const notes: string[] = [];
  const telemetry: Telemetry = {
    count: (metric, fields = {}) => {
      if (!noted.includes(metric) || notes.length >= most) return;
      const told = Object.entries(fields).map(([name, value]) => `${name} ${value}`);
      notes.push([metric.replaceAll('_', ' '), ...told].join(', '));
    },
    gauge: () => {},
  };
  return { telemetry, notes };
};
