/** A number of a text with its unit, if it has one that is known; or a date, as far as it is stated. */
type Quantity = {
  /** as it is written */
  readonly text: string
} & (
  | { readonly value: number; readonly unit?: string; readonly date?: never }
  | { readonly date: CalendarDate; readonly value?: never }
)

type CalendarDate = { readonly year?: number; readonly month: number; readonly day?: number }

const MONTHS = [
  ...['january|jan|januar|jänner', 'february|feb|februar', 'march|mar|märz', 'april|apr', 'may|mai', 'june|jun|juni'],
  ...['july|jul|juli', 'august|aug', 'september|sept|sep', 'october|oct|oktober|okt', 'november|nov'],
  'december|dec|dezember|dez',
]
const MONTH = MONTHS.join('|')
const ORDINAL = '(?:st|nd|rd|th|\\.)?'

/** The forms of dates, with the places of year, month and day among their groups. */
const DATES: readonly { readonly form: RegExp; readonly read: (groups: readonly string[]) => CalendarDate }[] = [
  {
    form: /(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?!\d)/g,
    read: ([year, month, day]) => ({ year: Number(year), month: Number(month), day: Number(day) }),
  },
  {
    form: new RegExp(`(?<!\\d)(\\d{1,2})${ORDINAL}\\s(?:of\\s)?(${MONTH})\\b\\.?(?:,?\\s(\\d{4}))?`, 'gi'),
    read: ([day, month, year]) => dateOf(year, month!, day),
  },
  {
    form: new RegExp(`\\b(${MONTH})\\b\\.?\\s(\\d{1,2})${ORDINAL}(?!\\d)(?:,?\\s(\\d{4}))?`, 'gi'),
    read: ([month, day, year]) => dateOf(year, month!, day),
  },
  { form: new RegExp(`\\b(${MONTH})\\b\\.?,?\\s(\\d{4})\\b`, 'gi'), read: ([month, year]) => dateOf(year, month!) },
]

const dateOf = (year: string | undefined, month: string, day?: string): CalendarDate => ({
  month: MONTHS.findIndex((names) => names.split('|').includes(month.toLowerCase())) + 1,
  ...(year !== undefined && { year: Number(year) }),
  ...(day !== undefined && { day: Number(day) }),
})

/** Units that are compared, each with its other names. Any other word behind a number is no unit. */
const UNITS: readonly (readonly string[])[] = [
  ['%', 'percent', 'per cent', 'prozent'],
  ['€', 'eur', 'euro', 'euros'],
  ['$', 'usd', 'dollar', 'dollars'],
  ['£', 'gbp', 'pound', 'pounds'],
  ['chf', 'franc', 'francs', 'franken'],
  ['ms', 'millisecond', 'milliseconds'],
  ['s', 'second', 'seconds', 'sekunde', 'sekunden'],
  ['min', 'minute', 'minutes', 'minuten'],
  ['h', 'hour', 'hours', 'stunde', 'stunden'],
  ['day', 'days', 'tag', 'tage', 'tagen'],
  ['week', 'weeks', 'woche', 'wochen'],
  ['month', 'months', 'monat', 'monate', 'monaten'],
  ['year', 'years', 'jahr', 'jahre', 'jahren'],
  ['mm', 'millimetre', 'millimetres', 'millimeter', 'millimeters'],
  ['cm', 'centimetre', 'centimetres', 'centimeter', 'centimeters', 'zentimeter'],
  ['m', 'metre', 'metres', 'meter', 'meters'],
  ['km', 'kilometre', 'kilometres', 'kilometer', 'kilometers'],
  ['m²', 'm2', 'square metre', 'square metres', 'square meters'],
  ['mg', 'milligram', 'milligrams', 'milligramm'],
  ['µg', 'mcg', 'microgram', 'micrograms'],
  ['g', 'gram', 'grams', 'gramm'],
  ['kg', 'kilogram', 'kilograms', 'kilogramm'],
  ['ml', 'millilitre', 'millilitres', 'milliliter', 'milliliters'],
  ['l', 'litre', 'litres', 'liter', 'liters'],
  ['°c', 'degrees celsius'],
  ['kb', 'kilobyte', 'kilobytes'],
  ['mb', 'megabyte', 'megabytes'],
  ['gb', 'gigabyte', 'gigabytes'],
]
const UNIT_OF = new Map(UNITS.flatMap((names) => names.map((name) => [name, names[0]!] as const)))
const UNIT_NAMES = [...UNIT_OF.keys()].sort((a, b) => b.length - a.length).map((name) => name.replace('$', '\\$'))

const WORDS = [
  'zero one two three four five six seven eight nine ten eleven twelve',
  'null – zwei drei vier fünf sechs sieben acht neun zehn elf zwölf',
]
const NUMBER_WORDS = new Map(WORDS.flatMap((line) => line.split(' ').map((word, value) => [word, value] as const)))
/** `one` is a pronoun as well, and `null` is a word of code. */
const NOT_ALONE = new Set(['zero', 'one', 'null', '–'])
const SPELLED = [...NUMBER_WORDS.keys()].filter((word) => !NOT_ALONE.has(word)).join('|')

/** By both customs. Two numbers in a row of a table, such as `24.00,17.80`, are not one. */
const DIGITS = [
  String.raw`(?<![\p{L}\d_.])[-−+]?\d{1,3}(?:[,\u0020\u00a0\u202f’']\d{3})+(?:[.]\d+)?(?![\d])`,
  String.raw`(?<![\p{L}\d_])[-−+]?(?:\d{1,3}(?:\.\d{3})+,\d+(?![.\d])|\d+(?:\.\d+){2,}|\d+(?:[.,]\d+)?)`,
].join('|')
const NUMBER = new RegExp(
  String.raw`([€$£]\s?)?(?:(${DIGITS})|(?<![\p{L}-])(${SPELLED})(?![\p{L}]))(?:[\s\u00a0-]?(${UNIT_NAMES.join('|')})(?![\p{L}\d]))?`,
  'giu',
)

/** The numbers and dates of a text, in the order of their kinds. The numbers of a date are not among them. */
export function quantitiesIn(text: string): readonly Quantity[] {
  const found: Quantity[] = []
  let rest = text
  for (const { form, read } of DATES)
    rest = rest.replace(form, (written: string, ...groups) => {
      found.push({ text: written, date: read(groups as string[]) })
      return ' '.repeat(written.length)
    })
  for (const [written, sign, digits, word, behind] of rest.matchAll(NUMBER)) {
    const name = (behind ?? sign)?.trim().toLowerCase()
    const unit = name === undefined ? {} : { unit: UNIT_OF.get(name)! }
    const values = digits === undefined ? [NUMBER_WORDS.get(word!.toLowerCase())!] : valuesOf(digits)
    for (const value of values) found.push({ text: written.trim(), value, ...unit })
  }
  return found
}

/** `1.234` may be either number of two customs. */
function valuesOf(digits: string): readonly number[] {
  const plain = digits.replace('−', '-').replace(/[\s\u00a0\u202f’']/g, '')
  const asEnglish = Number(plain.replaceAll(',', ''))
  const asGerman = Number(plain.replaceAll('.', '').replace(',', '.'))
  return [...new Set([asEnglish, asGerman].filter(Number.isFinite))]
}

/** Whether a text with these quantities states this one: the same date, or the same number with the same unit. */
export function isStated(one: Quantity, among: readonly Quantity[]): boolean {
  return among.some((other) => {
    if (one.date) return other.date !== undefined && isWithin(one.date, other.date)
    if (other.date) return one.unit === undefined && Object.values(other.date).includes(one.value)
    return other.value === one.value && (one.unit === undefined || one.unit === other.unit)
  })
}

function isWithin(one: CalendarDate, other: CalendarDate): boolean {
  const keys = ['year', 'month', 'day'] as const
  return keys.every((key) => one[key] === undefined || one[key] === other[key])
}
