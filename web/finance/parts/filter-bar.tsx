// The line above the figures of a view: the period, the filters that are set, and one more of them.
import { useState } from 'preact/hooks';
import type { Report } from '../api.ts';
import { DIMENSIONS, endsIn, FILTERS, PRESETS, presetOf, type Filter, type Preset } from '../filters.ts';
import { go, useAnswer, useAsked, useFormat, useLinks, usePage } from '../page.ts';
import { useNames, useShell } from '../words.ts';
import { Menu } from './basics.tsx';
import { Icon } from './icons.tsx';
import { useMailName } from './mail-label.ts';

const OtherDays = ({ close }: { close: () => void }) => {
  const say = useShell();
  const { place, now } = usePage();
  const { here } = useLinks();
  const ends = endsIn(place.query, now());
  const [from, setFrom] = useState(ends.from.length === 7 ? `${ends.from}-01` : ends.from);
  const [to, setTo] = useState(ends.to.length === 7 ? now().slice(0, 10) : ends.to);
  const isBackwards = from !== '' && to !== '' && to < from;
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (isBackwards || from === '' || to === '') return;
        close();
        go(here({ from, to }));
      }}
    >
      <strong>{say('custom')}</strong>
      <label>
        {say('from')}
        <input type="date" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
      </label>
      <label>
        {say('to')}
        <input type="date" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      </label>
      {isBackwards && (
        <p class="field-fault" role="alert">
          {say('period_backwards')}
        </p>
      )}
      <button type="submit" class="button main">
        {say('apply')}
      </button>
      <p class="quiet">{say('days_are_utc')}</p>
    </form>
  );
};

/** The period in words, and the ones that people ask for. */
export const PeriodMenu = () => {
  const say = useShell();
  const { place, now, format } = usePage();
  const { here } = useLinks();
  const ends = endsIn(place.query, now());
  const chosen = presetOf(ends, now());
  return (
    <Menu label={format.period(ends.from, ends.to)} name={say('period')} icon="calendar">
      {(close) => (
        <>
          <ul class="choices">
            {(Object.keys(PRESETS) as Preset[]).map((name) => (
              <li key={name}>
                <a
                  href={here({ ...PRESETS[name](now().slice(0, 7)) })}
                  aria-current={name === chosen ? 'true' : undefined}
                  onClick={close}
                >
                  {say(name)}
                </a>
              </li>
            ))}
          </ul>
          <OtherDays close={close} />
        </>
      )}
    </Menu>
  );
};

/** A value of a filter as people call it. */
export const useValueName = (): ((filter: Filter, value: string) => string) => {
  const names = useNames();
  const mailName = useMailName();
  const { currencyName, country } = useFormat();
  return (filter, value) => {
    if (filter === 'currency') {
      const name = currencyName(value);
      return name === value ? value : `${value} · ${name}`;
    }
    if (filter === 'step') return mailName(value);
    if (filter === 'country') return country(names('other', value));
    const isNamed = filter === 'decline' || filter === 'kind' || filter === 'reason' || filter === 'brand';
    return names(isNamed ? filter : 'other', value);
  };
};

/** The values that a filter can have: those of the failures of this period. */
const Values = ({ by, close }: { by: Exclude<Filter, 'currency'>; close: () => void }) => {
  const say = useShell();
  const valueName = useValueName();
  const { here } = useLinks();
  const { [by]: _, ...query } = useAsked();
  const { value, problem } = useAnswer<Report>('/reports/recovery', { ...query, by });
  const [chosen, setChosen] = useState('');
  if (problem) return <p class="field-fault">{say('refused_title')}</p>;
  if (value === null) return <p class="quiet">{say('loading')}</p>;
  const values = [...new Set(value.currencies.flatMap(({ groups }) => groups.map((group) => group.value)))];
  if (values.length === 0) return <p class="quiet">{say('no_values')}</p>;
  return (
    // Not at the first change: who chooses by the arrow keys goes through the values one by one.
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen === '') return;
        close();
        go(here({ [by]: chosen }));
      }}
    >
      <label>
        {say('value')}
        <select required value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
          <option value="">{say('choose')}</option>
          {values
            .map((one) => ({ one, name: valueName(by, one) }))
            .sort((a, b) => a.name.localeCompare(b.name))
            .map(({ one, name }) => (
              <option key={one} value={one}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <button type="submit" class="button main">
        {say('apply')}
      </button>
    </form>
  );
};

const OneMore = ({ close }: { close: () => void }) => {
  const say = useShell();
  const names = useNames();
  const [by, setBy] = useState<Exclude<Filter, 'currency'>>('campaign');
  return (
    <div class="fields">
      <label>
        {say('filter_by')}
        <select
          value={by}
          onChange={(event) => setBy(event.currentTarget.value as Exclude<Filter, 'currency'>)}
        >
          {DIMENSIONS.map((name) => (
            <option key={name} value={name}>
              {names('filter', name)}
            </option>
          ))}
        </select>
      </label>
      <Values key={by} by={by} close={close} />
    </div>
  );
};

/** The filters that are set, each with the way to take it away. */
const Chips = () => {
  const say = useShell();
  const names = useNames();
  const valueName = useValueName();
  const { place } = usePage();
  const { here } = useLinks();
  const set = FILTERS.flatMap((filter) => {
    const value = place.query[filter];
    return value === undefined ? [] : [{ filter, value }];
  });
  return (
    <>
      {set.map(({ filter, value }) => {
        const told = { name: names('filter', filter), value: valueName(filter, value) };
        return (
          <a
            key={filter}
            class="chip"
            href={here({ [filter]: undefined })}
            aria-label={say('remove_filter', told)}
          >
            {told.name}: <bdi>{told.value}</bdi>
            <Icon name="close" />
          </a>
        );
      })}
      {set.length > 1 && (
        <a class="button quiet" href={here(Object.fromEntries(set.map(({ filter }) => [filter, undefined])))}>
          {say('clear_filters')}
        </a>
      )}
    </>
  );
};

/** Period and filters. A view whose figures know no period leaves it out. */
export const FilterBar = ({ hasPeriod = true }: { hasPeriod?: boolean }) => {
  const say = useShell();
  return (
    <div class="filter-bar">
      {hasPeriod && <PeriodMenu />}
      <Menu label={say('filter')} name={say('filter')} icon="filter">
        {(close) => <OneMore close={close} />}
      </Menu>
      <Chips />
    </div>
  );
};
