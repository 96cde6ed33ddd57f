import { isOwnModality, MODALITIES, type Modality } from '../lib/media/modality.ts'
import { nearestWord } from '../lib/suggest.ts'

/** The phases that pools serve: pipeline steps and the six phases of an ask. */
export const POOL_PHASES = [
  'step',
  'action',
  'experience',
  'intention',
  'observation',
  'understanding',
  'yield',
] as const
export type PoolPhase = (typeof POOL_PHASES)[number]

export const GENERAL_DOMAIN = 'general'
/** In place of the name of a domain: it is chosen when the ask begins. */
export const AUTO_DOMAIN = 'auto'

/** The kind of work that a pool does. */
export type PoolName = { readonly phase: PoolPhase; readonly modality: Modality; readonly domain?: string }

/** The id of a pool, `text_action_pool`; with its domain, if it has one, `text_action_medical_pool`. */
export function poolId({ phase, modality, domain = GENERAL_DOMAIN }: PoolName): string {
  const field = domain === GENERAL_DOMAIN ? '' : `_${domainField(domain)}`
  return `${modality}_${phase}${field}_pool`
}

export const domainField = (domain: string) => domain.toLowerCase().replace(/[^a-z0-9]+/g, '_')

const ID = new RegExp(`^([a-z0-9]+)_(${POOL_PHASES.join('|')})(?:_([a-z0-9]+(?:_[a-z0-9]+)*))?_pool$`)

/** The domains that these pools serve, in the form of pool ids. */
export function domainsIn(ids: readonly string[]): readonly string[] {
  const found = ids.flatMap((id) => {
    const [, , phase, domain] = ID.exec(id) ?? []
    return domain === undefined || phase === 'step' ? [] : [domain]
  })
  return [...new Set(found)]
}

/** Whether it is the id of a pool. A modality that is close to another one is misspelt. */
export function isPoolId(id: string): boolean {
  const modality = modalityOfPool(id) ?? ''
  const isOwn = isOwnModality(modality) && nearestWord(modality, MODALITIES) === undefined
  return id.length <= 128 && (isOwn || MODALITIES.some((one) => one === modality))
}

/** The modality that the pool with that id serves; undefined: it is no id of a pool. */
export const modalityOfPool = (id: string): string | undefined => ID.exec(id)?.[1]

/** Whether the pool with that id runs steps of pipelines. */
export const isStepPool = (id: string): boolean => /^[a-z0-9]+_step_/.test(id)

export function generalPoolIds(): readonly string[] {
  return MODALITIES.flatMap((modality) => POOL_PHASES.map((phase) => poolId({ phase, modality })))
}
