// The reasons that the core tells, recognised by how it writes them, so that the page says them in the reader's language. Pure.

/** A reason by its name in the words of a case, with the values in it. */
type Named = { readonly name: string; readonly values: Readonly<Record<string, string>> };

/** A part of a reason: named, or in the core's own English words. */
export type Part = Named | { readonly text: string };

/** Each with a name `why_…` in the words; groups are its values. `until` and `on` are moments, `message` and `as` codes. */
const REASONS: Readonly<Record<string, RegExp>> = {
  day: /^day (?<day>-?[\d.]+) of campaign (?<campaign>[^;]+)$/,
  before_try: /^(?<hours>[\d.]+) hours before the next try, in campaign (?<campaign>[^;]+)$/,
  tries_left: /^(?<n>\d+) tries left$/,
  no_try_comes: /^no further try will come$/,
  after_notice: /^(?<days>[\d.]+) days after the final notice$/,
  campaign_end: /^campaign (?<campaign>[^;]+) reached its end$/,
  campaign_last_day: /^campaign (?<campaign>[^;]+) reached its last day without leave to (?<what>.+)$/,
  all_paid: /^everything is paid and a mail had been sent$/,
  plan_ended: /^the plan has ended for want of the payment$/,
  by_final_notice: /^superseded by the final notice$/,
  superseded: /^superseded by (?<step>[^;]+)$/,
  said_in: /^said in the (?<message>[\w.-]+) mail$/,
  two_owners: /^the provider still plans tries of its own: two owners; switch its retries off$/,
  needs_customer: /^(?<code>[^;]+): not again without the customer$/,
  invoice_tries: /^(?<used>\d+) of (?<most>\d+) tries of this invoice used$/,
  card_tries: /^(?<used>\d+) of (?<most>\d+) tries of this card in 30 days used$/,
  too_soon: /^too soon after the last try$/,
  asked_by: /^asked for by (?<who>[^;]+)$/,
  on_hold: /^on hold until (?<until>[\d-]{10} [\d:]{5}) UTC by (?<who>[^;]+)$/,
  excluded: /^excluded by (?<who>[^;]+)$/,
  dispute: /^dispute (?<id>\S+) is open$/,
  in_flight: /^payment (?<id>\S+) is in flight$/,
  over_before: /^the case is over before it comes$/,
  nothing_comes: /^nothing can come as things stand$/,
  nothing_due: /^nothing is due$/,
  nothing_owed: /^nothing is owed$/,
  mail_hours: /^the hours in which mails may go$/,
  mailed_today: /^a mail went out today already$/,
  no_address: /^no e-mail address$/,
  all_came_back: /^mail to every address came back, or its reader complained$/,
  found_late: /^found (?<n>\d+) days after the failure: too late to write$/,
  found_late_once: /^found (?<n>\d+) days after the failure: one mail about it is enough$/,
  before_recoup: /^the failure was there before Recoup: its past is not written about$/,
  most_mails: /^(?<n>\d+) mails of this case asked for money: the most that the policy allows$/,
  held_out: /^held out of experiment (?<experiment>[^;]+)$/,
  new_card: /^a new (?<card>[^;]+) is on file$/,
  other_card: /^another card on file, (?<card>[^;]+), before giving up$/,
  local: /^local: would have asked the provider to (?<what>.+)$/,
  no_answer: /^asked for, and the answer never came$/,
  sent_after_all: /^the mail service told later that it was sent$/,
  gone: /^the customer is gone$/,
  paid: /^paid$/,
  paid_again: /^paid again$/,
  credited: /^credited$/,
  left: /^the customer left$/,
  left_due: /^the customer left; the policy says that the debt stays due$/,
  gave_up: /^the provider gave up$/,
  voided: /^the invoice was voided$/,
  by_hand: /^closed by hand as (?<as>lost|withdrawn)$/,
  by_hand_of: /^closed by hand as (?<as>lost|withdrawn) by (?<who>[^:]+): (?<note>.+)$/,
  end: /^the campaign reached its end$/,
  uncollectible: /^marked uncollectible$/,
  deleted: /^the customer was deleted$/,
  other_invoice: /^the campaign of another invoice ended the subscription$/,
  not_paid: /^not paid yet$/,
  paid_late: /^paid after the case was closed$/,
  // What an action tells.
  told_no_charge: /^on that date nothing is charged: no open invoice is charged automatically$/,
  told_charge: /^on that date (?<invoices>.+) is charged once, if the limits allow$/,
  told_provider_goes_on:
    /^the provider owns the retries: its own tries go on; stop them there if they must not run$/,
  told_followed: /^failures from now on are followed again$/,
  told_goes_on: /^the campaigns go on from where they stood$/,
  told_let_go: /^the try on the promised date is let go of$/,
  told_future: /^nothing is open; future failures are held too$/,
  told_stays_open: /^the case stays open until it is paid, or closed by hand; future failures are held too$/,
  told_provider: /^the provider’s own tries go on$/,
  told_charged_now: /^(?<invoices>\S+) is charged now; (?<n>\d+) tries left$/,
  told_charged_from: /^(?<invoices>\S+) is charged from (?<on>\S+) on: (?<why>.+)$/,
  told_not_charged: /^(?<invoices>\S+) is not charged: (?<why>.+)$/,
  told_counts: /^(?<invoices>.+) counts as (?<as>lost|withdrawn); the case is closed with the next visit$/,
  told_counts_rest: /^(?<invoices>.+) counts as (?<as>lost|withdrawn); (?<n>\d+) stays? open$/,
  told_void: /^nothing is changed at the provider: void the invoice there, or its tries go on$/,
  told_links: /^the links of all mails so far lead nowhere; the next mail has new ones$/,
  told_written:
    /^every address of theirs is written to again with the next mail; one that was skipped is not made up for$/,
  told_suppressed:
    /^the mail service has a list of its own: take the address off it too, or nothing is delivered there$/,
  told_under_way: /^(?<step>\S+) of (?<subject>\S+) was under way: what becomes of it is written down first$/,
  told_set_aside: /^the customer is set aside for a person: nothing happens before "recoup stuck --again"$/,
  pays_alone: /^the customer pays it on their own: nothing is charged automatically$/,
  paid_once: /^its payment came back: an invoice that was paid is not charged again$/,
  // What a journal says beside its acts.
  noted_opened: /^case opened$/,
  noted_closed: /^case closed$/,
  noted_ladder: /^ladder opened for (?<subject>\S+)$/,
  noted_failed: /^payment of (?<subject>\S+) failed$/,
  noted_its_failed: /^its payment failed$/,
  noted_campaign: /^campaign (?<campaign>\S+) picked for (?<subject>\S+)$/,
  noted_done: /^(?<step>\S+) done for (?<subject>\S+)$/,
  noted_skipped: /^(?<step>\S+) skipped for (?<subject>\S+)$/,
  noted_uncertain: /^(?<step>\S+) uncertain for (?<subject>\S+)$/,
  noted_given_up: /^(?<step>\S+) given up for (?<subject>\S+)$/,
  noted_answered: /^the customer answered$/,
  noted_went_to_pay: /^the customer went to pay$/,
  noted_went_to_card: /^the customer went to change the card$/,
  noted_no_mails: /^the customer wants no mails$/,
  noted_unsubscribed: /^the customer unsubscribed$/,
  noted_outcome: /^(?<outcome>recovered|lost|withdrawn)$/,
  noted_decline:
    /^(?:(?<kind>authentication_required|bank_debit|invoice_overdue): )?(?<decline>[a-z_]+) \((?<code>[^)]+)\)$/,
};

/** The names of the reasons that the page can say, for the test of the words. */
export const REASON_NAMES: readonly string[] = Object.keys(REASONS);

const named = (text: string): Named | null => {
  for (const [name, pattern] of Object.entries(REASONS)) {
    const found = pattern.exec(text);
    if (found) {
      const told = Object.entries(found.groups ?? {}).filter(
        (one): one is [string, string] => one[1] !== undefined,
      );
      return { name, values: Object.fromEntries(told) };
    }
  }
  return null;
};

/** What a reason says. One of several parts is known as a whole, or part by part. */
export const partsOf = (text: string): readonly Part[] => {
  const whole = named(text);
  return whole ? [whole] : text.split('; ').map((part) => named(part) ?? { text: part });
};
