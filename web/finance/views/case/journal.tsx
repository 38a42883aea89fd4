// The journal of a case, the newest line first, with older pages when they are asked for.
import type { Case, JournalPage } from '../../api.ts';
import { useAnswer, useFormat, useLinks, usePage } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Wrong } from '../../parts/states.tsx';
import { useShell } from '../../words.ts';
import { actIn } from './acts.ts';
import { useReason } from './said.ts';
import { useCaseWords } from './words.ts';

const Lines = ({ lines }: { lines: Case['journal'] }) => {
  const say = useCaseWords();
  const reason = useReason();
  const { instant } = useFormat();
  return (
    <>
      {lines.toReversed().map((line, i) => (
        <li key={`${line.at} ${i}`}>
          <time dateTime={line.at}>{instant(line.at)}</time>
          <p>
            <strong>
              <bdi>{reason(line.what)}</bdi>
            </strong>
            {/* What an operator noted is theirs, and no reason of the core. */}
            <bdi>{actIn(line.what) === null ? reason(line.why) : line.why}</bdi>
            {line.count > 1 && ` ${say('times', { n: line.count })}`}
          </p>
        </li>
      ))}
    </>
  );
};

const Older = ({ path, page }: { path: string; page: number }) => {
  const shell = useShell();
  const { value, problem, again } = useAnswer<JournalPage>(`${path}/journal`, { page: String(page) });
  if (problem) {
    return (
      <li>
        <Wrong problem={problem} again={again} />
      </li>
    );
  }
  return value === null ? <li class="quiet">{shell('loading')}</li> : <Lines lines={value.journal} />;
};

/** How many older pages a place shows. */
const shownOf = (asked: string | undefined, pages: number): number =>
  /^\d{1,4}$/.test(asked ?? '') ? Math.min(Number(asked), pages) : 0;

export const Journal = ({ one, path }: { one: Case; path: string }) => {
  const say = useCaseWords();
  const { place } = usePage();
  const { here } = useLinks();
  const older = shownOf(place.query['older'], one.olderJournalPages);
  return (
    <Card title={say('journal')} look="panel">
      <p class="quiet">{say('journal_text')}</p>
      {one.journal.length === 0 && older === 0 && <p>{say('journal_none')}</p>}
      <ol class="journal">
        <Lines lines={one.journal} />
        {Array.from({ length: older }, (_, i) => (
          <Older key={i} path={path} page={i + 1} />
        ))}
      </ol>
      {older < one.olderJournalPages && (
        <a class="button plain" href={here({ older: String(older + 1) })}>
          {say('older_lines', { n: one.olderJournalPages - older })}
        </a>
      )}
    </Card>
  );
};
