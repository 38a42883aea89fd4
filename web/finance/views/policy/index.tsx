// The policy as it is followed, in words: who is written to, when, and what happens at the end.
import type { Policy as Answer } from '../../api.ts';
import { useAnswer, useFormat } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Loaded } from '../../parts/states.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { useNames } from '../../words.ts';
import { CampaignCard } from './campaign.tsx';
import { Notices } from './notices.tsx';
import { rulesOf } from './rules.ts';
import { createTell } from './tell.ts';
import { usePolicy } from './words.ts';
import './policy.css';

const All = ({ policy }: { policy: Answer }) => {
  const tell = createTell(usePolicy(), useNames(), useFormat());
  const { say } = tell;
  return (
    <>
      <Card title={say('rules')} look="rules">
        <dl>
          {rulesOf(policy, tell).map(({ term, sentences }) => (
            <div key={term}>
              <dt>{term}</dt>
              {sentences.map((text) => (
                <dd key={text}>{text}</dd>
              ))}
            </div>
          ))}
        </dl>
      </Card>
      <section class="campaigns">
        <h2>{say('campaigns')}</h2>
        <p class="quiet">{say('campaigns_text')}</p>
        {policy.campaigns.map((campaign, i) => (
          <CampaignCard key={campaign.id} campaign={campaign} at={i + 1} tell={tell} />
        ))}
      </section>
      <Notices notices={policy.notices} tell={tell} />
      <Card title={say('change')} look="panel">
        <p>{say('change_text')}</p>
        <p class="quiet">{say('change_try')}</p>
        <ul class="commands">
          {['check-policy', 'plan-diff'].map((name) => (
            <li key={name}>
              <code>npx recoup {name} --policy policy.ts</code>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
};

export default function Policy() {
  const say = usePolicy();
  const answer = useAnswer<Answer>('/policy', {});
  return (
    <>
      <ViewHead title={say('title')} lead={say('lead')} />
      <Loaded answer={answer} cards={4}>
        {(policy) => <All policy={policy} />}
      </Loaded>
    </>
  );
}
