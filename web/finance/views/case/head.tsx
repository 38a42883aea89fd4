// How a case stands: what stands in its way, its money, and what comes next.
import type { Case } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Card, Figure, Figures } from '../../parts/basics.tsx';
import { useNames } from '../../words.ts';
import { useReason, useReasonAlone, useStepName } from './said.ts';
import { useCaseWords } from './words.ts';

type Props = { readonly one: Case };

/** Why nothing goes out: held back, waiting for a person, erased. */
export const Notices = ({ one }: Props) => {
  const say = useCaseWords();
  const reason = useReason();
  const alone = useReasonAlone();
  const { instant } = useFormat();
  const { held, setAside, erasedAt } = one;
  return (
    <>
      {erasedAt !== null && (
        <p class="remark">
          <strong>{say('erased')}</strong> {say('erased_text', { at: instant(erasedAt) })}
        </p>
      )}
      {setAside !== null && (
        <p class="remark wrong">
          <strong>{say('set_aside', { at: instant(setAside.at) })}</strong>{' '}
          <bdi>{say('sentence', { text: reason(setAside.why) })}</bdi> {say('set_aside_text')}
        </p>
      )}
      {held !== null && (
        <p class="remark">
          <strong>
            <bdi>{say('sentence', { text: alone(held.why) })}</bdi>
          </strong>{' '}
          {say(held.until === null ? 'excluded_text' : 'held_text')}
        </p>
      )}
    </>
  );
};

const Next = ({ one: { next, nextLook, steps } }: Props) => {
  const say = useCaseWords();
  const names = useNames();
  const reason = useReasonAlone();
  const stepName = useStepName();
  const { instant } = useFormat();
  const { here } = useLinks();
  if (next === null) return null;
  const at = next.kind === 'nothing' ? null : instant(next.at);
  const look = nextLook === null ? null : instant(nextLook);
  const step =
    next.kind === 'act' && steps.find((one) => one.step === next.step && one.subject === next.subject);
  const what = {
    act: () => (step ? stepName(step) : next.kind === 'act' ? next.step : ''),
    close: () => say('closes_as', { outcome: next.kind === 'close' ? names('outcome', next.outcome) : '' }),
    nothing: () => say('nothing_next'),
  }[next.kind]();
  return (
    <Card title={say('next')} look="next">
      <div>
        <p class="big">
          <a href={here({ tab: 'steps' })}>{what}</a>
        </p>
        {at !== null && <p>{at}</p>}
      </div>
      <p class="more">
        <bdi>{say('sentence', { text: reason(next.why) })}</bdi> {say('unless_paid')}
        {look !== null && look !== at && ` ${say('looks_at', { at: look })}`}
      </p>
    </Card>
  );
};

const ALWAYS = ['failed', 'recovered'] as const;
const WHEN_ANY = ['open', 'lost', 'withdrawn'] as const;

export const Head = ({ one }: Props) => {
  const names = useNames();
  const { money } = useFormat();
  const { here } = useLinks();
  return (
    <div class="case-head">
      {one.totals.map((total) => (
        <Figures key={total.failed.currency}>
          {[...ALWAYS, ...WHEN_ANY.filter((name) => total[name].minor !== 0)].map((name) => (
            <Figure
              key={name}
              name={names('outcome', name)}
              help={name}
              value={money(total[name])}
              to={here({ tab: 'money' })}
            />
          ))}
        </Figures>
      ))}
      <Next one={one} />
    </div>
  );
};
