// Who the demonstration's customers are: invented names in many scripts, with the money they pay in. Data, no code but drawing.
import type { Random } from './random.ts';

/** An invented customer. The address is at a domain that is reserved for examples. */
export type Person = {
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly locale: string;
  readonly currency: string;
};

/** Prices of the three plans, in minor units; those with three decimals end in 0, as Stripe asks. */
export const PLANS: Readonly<Record<string, readonly [number, number, number]>> = {
  USD: [2900, 9900, 24_900],
  EUR: [2900, 8900, 22_900],
  GBP: [2400, 7900, 19_900],
  JPY: [3800, 12_800, 29_800],
  KRW: [39_000, 129_000, 329_000],
  CLP: [24_900, 84_900, 219_900],
  KWD: [8900, 29_900, 74_900],
  INR: [199_900, 699_900, 1_799_900],
  BRL: [14_900, 49_900, 119_900],
  PLN: [11_900, 39_900, 99_900],
  TWD: [89_000, 299_000, 749_000],
  CNY: [19_900, 69_900, 169_900],
};

export type Culture = {
  readonly share: number;
  readonly country: string;
  readonly locale: string;
  readonly currency: string;
  /** Names with the part of an address after the colon. */
  readonly given: string;
  readonly family: string;
  readonly familyFirst?: boolean;
};

const CULTURES: readonly Culture[] = [
  {
    share: 8,
    country: 'US',
    locale: 'en-US',
    currency: 'USD',
    given: 'Olivia:olivia Marcus:marcus Renée:renee Jamal:jamal Hannah:hannah Diego:diego Grace:grace',
    family: 'Whitfield:whitfield Okafor:okafor Ramirez:ramirez Sullivan:sullivan Nguyễn:nguyen Becker:becker',
  },
  {
    share: 4,
    country: 'GB',
    locale: 'en-GB',
    currency: 'GBP',
    given: 'Imogen:imogen Alastair:alastair Niamh:niamh Kwame:kwame Priya:priya',
    family: "O'Brien:obrien Hargreaves:hargreaves Achebe:achebe Sinclair:sinclair",
  },
  {
    share: 5,
    country: 'DE',
    locale: 'de-DE',
    currency: 'EUR',
    given: 'Jörg:joerg Käthe:kaethe Lukas:lukas Zeynep:zeynep Annika:annika',
    family: 'Müller:mueller Weiß:weiss Schröder:schroeder Yılmaz:yilmaz Großmann:grossmann',
  },
  {
    share: 4,
    country: 'FR',
    locale: 'fr-FR',
    currency: 'EUR',
    given: 'Chloé:chloe Théo:theo Anaïs:anais François:francois',
    family: 'Lefèvre:lefevre Garçon:garcon Dubois:dubois Ibrahimi:ibrahimi',
  },
  {
    share: 3,
    country: 'GR',
    locale: 'el-GR',
    currency: 'EUR',
    given: 'Ελένη:eleni Νίκος:nikos Σοφία:sofia',
    family: 'Παπαδοπούλου:papadopoulou Γεωργίου:georgiou Αλεξίου:alexiou',
  },
  {
    share: 2,
    country: 'UA',
    locale: 'uk-UA',
    currency: 'EUR',
    given: 'Оксана:oksana Тарас:taras Марія:mariia',
    family: 'Шевченко:shevchenko Коваль:koval Бондаренко:bondarenko',
  },
  {
    share: 2,
    country: 'PL',
    locale: 'pl-PL',
    currency: 'PLN',
    given: 'Łukasz:lukasz Małgorzata:malgorzata Żaneta:zaneta',
    family: 'Wiśniewska:wisniewska Dąbrowski:dabrowski Źrebiec:zrebiec',
  },
  {
    share: 4,
    country: 'JP',
    locale: 'ja-JP',
    currency: 'JPY',
    given: '陽菜:hina 蓮:ren さくら:sakura 大翔:hiroto',
    family: '佐藤:sato 高橋:takahashi 渡辺:watanabe 伊藤:ito',
    familyFirst: true,
  },
  {
    share: 2,
    country: 'KR',
    locale: 'ko-KR',
    currency: 'KRW',
    given: '서연:seoyeon 민준:minjun 지우:jiwoo',
    family: '김:kim 박:park 최:choi',
    familyFirst: true,
  },
  {
    share: 4,
    country: 'TW',
    locale: 'zh-TW',
    currency: 'TWD',
    given: '雅婷:yating 志明:chihming 淑芬:shufen 冠宇:kuanyu',
    family: '陳:chen 黃:huang 張簡:changchien 劉:liu',
    familyFirst: true,
  },
  {
    share: 3,
    country: 'CN',
    locale: 'zh-CN',
    currency: 'CNY',
    given: '静:jing 建国:jianguo 欣怡:xinyi',
    family: '赵:zhao 欧阳:ouyang 刘:liu',
    familyFirst: true,
  },
  {
    share: 1,
    country: 'SG',
    locale: 'zh-SG',
    currency: 'USD',
    given: '伟:wei 秀英:xiuying 子涵:zihan',
    family: '陈:chen 王:wang 林:lin',
    familyFirst: true,
  },
  {
    share: 3,
    country: 'IN',
    locale: 'hi-IN',
    currency: 'INR',
    given: 'आरव:aarav दीपिका:deepika रोहन:rohan',
    family: 'शर्मा:sharma पटेल:patel अय्यर:iyer',
  },
  {
    share: 3,
    country: 'KW',
    locale: 'ar-KW',
    currency: 'KWD',
    given: 'فاطمة:fatima يوسف:yousef نورة:noura',
    family: 'العتيبي:alotaibi الصباح:alsabah الخالد:alkhaled',
  },
  {
    share: 1,
    country: 'IL',
    locale: 'he-IL',
    currency: 'USD',
    given: 'נועה:noa איתן:eitan',
    family: 'לוי:levi מזרחי:mizrahi',
  },
  {
    share: 4,
    country: 'BR',
    locale: 'pt-BR',
    currency: 'BRL',
    given: 'João:joao Conceição:conceicao Thaís:thais',
    family: 'Araújo:araujo Gonçalves:goncalves Simões:simoes',
  },
  {
    share: 2,
    country: 'ES',
    locale: 'es-ES',
    currency: 'EUR',
    given: 'Nuria:nuria Álvaro:alvaro Ainhoa:ainhoa',
    family: 'Muñoz:munoz García:garcia Etxeberria:etxeberria',
  },
  {
    share: 2,
    country: 'CL',
    locale: 'es-CL',
    currency: 'CLP',
    given: 'Íñigo:inigo Begoña:begona Joaquín:joaquin',
    family: 'Núñez:nunez Peñaloza:penaloza Ibáñez:ibanez',
  },
  {
    share: 1,
    country: 'TH',
    locale: 'th-TH',
    currency: 'USD',
    given: 'สมชาย:somchai มาลี:malee',
    family: 'ใจดี:jaidee ศรีสุข:srisuk',
  },
];

const COMPANIES: readonly Omit<Person, 'email'>[] = [
  { name: 'Smith & Sons <Joinery> Ltd', country: 'GB', locale: 'en-GB', currency: 'GBP' },
  { name: 'Østerbro Cykler ApS', country: 'DK', locale: 'da-DK', currency: 'EUR' },
  { name: '株式会社 ひまわり', country: 'JP', locale: 'ja-JP', currency: 'JPY' },
  { name: 'Bäckerei Großkopf GmbH & Co. KG', country: 'DE', locale: 'de-DE', currency: 'EUR' },
  { name: 'Prairie Dog Robotics, Inc.', country: 'US', locale: 'en-US', currency: 'USD' },
  { name: '日光咖啡有限公司', country: 'TW', locale: 'zh-TW', currency: 'TWD' },
  { name: 'Librairie de l’Écluse', country: 'FR', locale: 'fr-FR', currency: 'EUR' },
  { name: 'شركة الواحة للتجارة', country: 'KW', locale: 'ar-KW', currency: 'KWD' },
];

/** Every culture as often as its share says. */
export const CULTURE_DECK: readonly Culture[] = CULTURES.flatMap((culture) =>
  Array.from({ length: culture.share }, () => culture),
);

const part = (random: Random, names: string): [name: string, handle: string] =>
  random.pick(names.split(' ')).split(':') as [string, string];

/** Draws customer number `n`, a person of `culture` or a business. */
export const drawPerson = (random: Random, n: number, culture: Culture): Person => {
  const domain = random.pick(['example.com', 'example.org', 'example.net']);
  if (random.chance(0.08)) {
    const company = random.pick(COMPANIES);
    return { ...company, email: `accounts.${n}@${domain}` };
  }
  const { country, locale, currency } = culture;
  const [given, first] = part(random, culture.given);
  const [family, last] = part(random, culture.family);
  // Chinese and Korean names are written in one.
  const gap = /^(zh|ko)/.test(locale) ? '' : ' ';
  const name = culture.familyFirst ? `${family}${gap}${given}` : `${given}${gap}${family}`;
  return { name, email: `${first}.${last}.${n}@${domain}`, country, locale, currency };
};
