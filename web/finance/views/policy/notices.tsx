// What is written before something comes: nothing is owed then.
import type { Policy } from '../../api.ts';
import { Card } from '../../parts/basics.tsx';
import { conditionsOf } from './conditions.ts';
import { textsTold } from './ladder.ts';
import type { Tell } from './tell.ts';

type Notice = Policy['notices'][number];

/** When a mail of a notice goes. */
const whenOf = (days: number, { say }: Tell): string => {
  if (days === 0) return say('notice_day');
  return days > 0 ? say('notice_before', { n: days }) : say('notice_after', { n: -days });
};

const One = ({ notice, tell }: { notice: Notice; tell: Tell }) => {
  const asked = conditionsOf(notice.conditions, tell);
  return (
    <li>
      <h3>{tell.names('notice', notice.kind)}</h3>
      {asked.length > 0 && (
        <ul class="asked">
          {asked.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <ol class="ladder">
        {notice.steps.map(({ id, daysBefore, texts }) => {
          const { what, more } = textsTold(texts, tell);
          return (
            <li key={id} class="mail">
              <span class="on">{whenOf(daysBefore, tell)}</span>
              <span class="what">
                <strong>{what}</strong>
                {more.map((text) => (
                  <small key={text}>{text}</small>
                ))}
              </span>
            </li>
          );
        })}
      </ol>
    </li>
  );
};

export const Notices = ({ notices, tell }: { notices: readonly Notice[]; tell: Tell }) => (
  <Card title={tell.say('notices')} look="panel">
    {notices.length === 0 ? (
      <p class="quiet">{tell.say('notices_none')}</p>
    ) : (
      <>
        <p class="quiet">{tell.say('notices_text')}</p>
        <ul class="notices">
          {notices.map((notice) => (
            <One key={notice.id} notice={notice} tell={tell} />
          ))}
        </ul>
      </>
    )}
  </Card>
);
