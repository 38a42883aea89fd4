// The mails of a case in the words in which they were sent: as they looked, or as text.
import type { Case } from '../../api.ts';
import { useFormat, useLinks, usePage } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Empty } from '../../parts/states.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { LANGUAGES } from '../../language.ts';
import { useNames } from '../../words.ts';
import { MailFrame } from './mail-frame.tsx';
import { useMessageName, useReason } from './said.ts';
import { Told } from './timeline.tsx';
import { useCaseWords } from './words.ts';

type Mail = Case['mails'][number];
type Words = NonNullable<Mail['words']>;

const nameOf = ({ subject, step }: Mail): string => `${subject}/${step}`;

const List = ({ mails, shown }: { mails: readonly Mail[]; shown: Mail }) => {
  const say = useCaseWords();
  const messageName = useMessageName();
  const { instant } = useFormat();
  const { here } = useLinks();
  return (
    <nav aria-label={say('mails')}>
      <ul class="mail-list">
        {mails.map((mail) => (
          <li key={nameOf(mail)}>
            <a href={here({ mail: nameOf(mail) })} aria-current={mail === shown ? 'true' : undefined}>
              <strong>
                <bdi>{mail.words?.subject ?? messageName(mail.message)}</bdi>
              </strong>
              <span>
                {messageName(mail.message)} · {instant(mail.at)}
              </span>
            </a>
            <Told told={mail.told} />
          </li>
        ))}
      </ul>
    </nav>
  );
};

const Left = ({ words }: { words: Words }) => {
  const say = useCaseWords();
  return (
    <>
      {!words.isAsSent && <p class="remark">{say('not_as_sent')}</p>}
      {words.leftOut.length > 0 && (
        <p class="quiet">
          {say('left_out')} {words.leftOut.map((what) => say(`left_${what}`)).join(' ')}
        </p>
      )}
    </>
  );
};

const languageOf = (tag: string | null): string =>
  tag === null ? '–' : ((LANGUAGES as Readonly<Record<string, string>>)[tag] ?? tag);

const Facts = ({ mail }: { mail: Mail }) => {
  const say = useCaseWords();
  const names = useNames();
  const reason = useReason();
  const messageName = useMessageName();
  const { instant } = useFormat();
  const facts = [
    [say('sent_at'), instant(mail.at)],
    [say('message'), messageName(mail.message)],
    [say('mail_language'), languageOf(mail.language)],
    [say('message_id'), mail.messageId ?? '–'],
  ] as const;
  return (
    <>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {mail.status === 'uncertain' && <p class="remark">{reason('asked for, and the answer never came')}</p>}
      {mail.told.length === 0 ? (
        <p class="quiet">{say('nothing_told')}</p>
      ) : (
        <p class="quiet">
          {say('service_told', { told: mail.told.map((event) => names('delivery', event)).join(' · ') })}
        </p>
      )}
    </>
  );
};

const Shown = ({ mail }: { mail: Mail }) => {
  const say = useCaseWords();
  const messageName = useMessageName();
  const { place } = usePage();
  const { here } = useLinks();
  const { words } = mail;
  const asText = place.query['as'] === 'text';
  return (
    <article class="card mail-shown" aria-label={words?.subject ?? messageName(mail.message)}>
      <h2>
        <bdi>{words?.subject ?? messageName(mail.message)}</bdi>
      </h2>
      <Facts mail={mail} />
      {words === null ? (
        <p class="remark">{say('no_words')}</p>
      ) : (
        <>
          <Left words={words} />
          <Tabs label={say('mail_as')}>
            <a href={here({ as: undefined })} aria-current={asText ? undefined : 'true'}>
              {say('as_html')}
            </a>
            <a href={here({ as: 'text' })} aria-current={asText ? 'true' : undefined}>
              {say('as_text')}
            </a>
          </Tabs>
          {asText ? (
            <pre lang={mail.language ?? undefined} tabIndex={0}>
              {words.text}
            </pre>
          ) : (
            <MailFrame html={words.html} title={say('mail_frame', { subject: words.subject })} />
          )}
        </>
      )}
    </article>
  );
};

export const Mails = ({ one }: { one: Case }) => {
  const say = useCaseWords();
  const { place } = usePage();
  // The newest first, as everywhere here.
  const mails = one.mails.toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const shown = mails.find((mail) => nameOf(mail) === place.query['mail']) ?? mails[0];
  if (shown === undefined) return <Empty title={say('no_mails')} />;
  return (
    <div class="mails">
      <Card title={say('mails')}>
        <List mails={mails} shown={shown} />
      </Card>
      <Shown key={nameOf(shown)} mail={shown} />
    </div>
  );
};
