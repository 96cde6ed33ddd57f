import { InvalidError } from '../errors.ts'

/** The capabilities of a worker. Absent phases or domains mean all; any other absent capability means none. */
export type Offers = {
  readonly phases?: readonly string[]
  readonly domains?: readonly string[]
  readonly models?: readonly string[]
  readonly modalities?: readonly string[]
  readonly tools?: boolean
  readonly json?: boolean
  readonly vision?: boolean
  readonly audio?: boolean
  /** needs nothing from the network */
  readonly offline?: boolean
  /** does work without a model, such as tool calls */
  readonly hands?: boolean
  /** shared resources that a call of a tool uses: each set of them has a worker of its own */
  readonly uses?: readonly string[]
  /** the context window in tokens */
  readonly contextTokens?: number
  /** dollars per million tokens, in and out; absent: unknown */
  readonly costIn?: number
  readonly costOut?: number
}

/** The requirements of a task: all items of each list, at least this context, at most this price. */
export type Needs = Offers

/** The offers of an undescribed worker: unknown capabilities may be tried. */
export const UNKNOWN_OFFERS: Offers = {
  modalities: ['text', 'image', 'audio', 'video', 'document'],
  tools: true,
  json: true,
  vision: true,
  audio: true,
  contextTokens: Infinity,
}

const OPEN_LISTS = ['phases', 'domains'] as const
const NAMED = ['models', 'modalities', 'uses'] as const
const SKILLS = ['tools', 'json', 'vision', 'audio', 'offline', 'hands'] as const
const PRICES = ['costIn', 'costOut'] as const

/** All keys that needs and offers have. */
const NEEDS = [...OPEN_LISTS, ...NAMED, ...SKILLS, 'contextTokens', ...PRICES] as const satisfies (keyof Needs)[]

/** The missing capabilities in words; empty if all requirements are met. */
export function missingCapabilities(offers: Offers, needs: Needs): readonly string[] {
  const { contextTokens: tokens = 0 } = needs
  return [
    ...OPEN_LISTS.flatMap((list) => (offers[list] ? without(list, offers[list], needs[list]) : [])),
    ...NAMED.flatMap((list) => without(list, offers[list] ?? [], needs[list])),
    ...SKILLS.filter((skill) => needs[skill] === true && offers[skill] !== true),
    ...(tokens > (offers.contextTokens ?? 0) ? [`a context of ${tokens} tokens`] : []),
    ...PRICES.filter((price) => (needs[price] ?? Infinity) < (offers[price] ?? Infinity)).map(
      (price) => `${price} of at most ${needs[price]}`,
    ),
  ]
}

const ONE = { phases: 'phase', domains: 'domain', models: 'model', modalities: 'modality', uses: 'resource' } as const

function without(list: keyof typeof ONE, offered: readonly string[], needed: readonly string[] = []) {
  return needed.filter((name) => !offered.includes(name)).map((name) => `the ${ONE[list]} ${name}`)
}

/** Why no worker can do a task: capabilities that all lack, or that the nearest one lacks, with the known names. */
export function missingFromAll(workers: readonly { readonly id: string; readonly offers: Offers }[], needs: Needs) {
  const meant = workers.filter(({ offers }) => isNamed(offers, needs))
  const lacks = (meant.length > 0 ? meant : workers).map(({ id, offers }) => ({
    id,
    lacks: missingCapabilities(offers, needs),
  }))
  const [near] = lacks.toSorted((a, b) => a.lacks.length - b.lacks.length)
  const nowhere = near?.lacks.filter((lack) => lacks.every((each) => each.lacks.includes(lack))) ?? []
  const others = namesInstead(workers, needs)
  if (!near) return 'it has no workers'
  if (meant.length === 1) return `${near!.id} lacks ${near!.lacks.join(', ')}`
  const missing =
    nowhere.length > 0 ? `none has ${nowhere.join(', ')}` : `${near.id}, the nearest, lacks ${near.lacks.join(', ')}`
  return others.length === 0 ? missing : `${missing}; there is ${others.join(', ')}`
}

/** A task that names its worker does not use the capabilities of others. */
const isNamed = ({ models = [] }: Offers, needs: Needs) => needs.models?.every((name) => models.includes(name)) === true

const MAX_SHOWN = 5

function namesInstead(workers: readonly { readonly offers: Offers }[], needs: Needs): readonly string[] {
  for (const list of NAMED) {
    const offered = new Set(workers.flatMap(({ offers }) => offers[list] ?? []))
    if (needs[list]?.some((name) => !offered.has(name))) return [...offered].slice(0, MAX_SHOWN)
  }
  return []
}

const KNOWN: ReadonlySet<string> = new Set(NEEDS)
const sound = new WeakSet<Needs>()

/** The first unknown key of the requirements, which no worker could ever fail. Undefined if all are known. */
export function unknownNeed(needs: Needs): string | undefined {
  // cached, because a caller with many tasks reuses the object
  if (sound.has(needs)) return undefined
  const unknown = Object.keys(needs).find((key) => !KNOWN.has(key) && needs[key as keyof Needs] !== undefined)
  if (unknown === undefined) sound.add(needs)
  return unknown
}

/** Rejects with an InvalidError that names the unknown key and the probable one. */
export async function refuseNeed(pool: string, unknown: string): Promise<never> {
  // loaded when it is needed: the import of the package loads none of its dependencies
  const { nearestWord } = await import('../lib/suggest.ts')
  const meant = nearestWord(unknown, NEEDS)
  throw new InvalidError(`A task of pool ${pool} requires \`${unknown}\`, which no worker offers.`, {
    place: { path: `needs.${unknown}` },
    hint: meant === undefined ? `A task may require ${NEEDS.join(', ')}.` : `Did you mean \`${meant}\`?`,
  })
}
