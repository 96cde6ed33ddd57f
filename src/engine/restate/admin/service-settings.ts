import { MAX_RETRY_ATTEMPTS } from '../limits.ts'
import { isOwn } from './service-names.ts'

/** The effective settings of a service, times in ms: from its code, unless changed on the server. */
export type ServiceSettings = {
  readonly service: string
  /** how long an external id is remembered, and for replies how long they are stored */
  readonly remembered: number
  readonly journalKept: number
  /** time without progress until the server asks a turn to suspend, and further time until it aborts the turn */
  readonly inactivity: number
  readonly abort: number
  /** undefined: without end */
  readonly attempts: number | undefined
}

export type DeployedService = {
  readonly name: string
  readonly idempotency_retention?: string
  readonly workflow_completion_retention?: string | null
  readonly journal_retention?: string | null
  readonly inactivity_timeout?: string
  readonly abort_timeout?: string
  readonly retry_policy?: { readonly max_attempts?: number | null }
}

export function surveySettings(services: readonly DeployedService[], namespace: string): readonly ServiceSettings[] {
  return services.filter(({ name }) => isOwn(namespace, name)).map(settingsOf)
}

function settingsOf(service: DeployedService): ServiceSettings {
  const { max_attempts: attempts } = service.retry_policy ?? {}
  return {
    service: service.name,
    remembered: spanOf(service.workflow_completion_retention ?? service.idempotency_retention),
    journalKept: spanOf(service.journal_retention),
    inactivity: spanOf(service.inactivity_timeout),
    abort: spanOf(service.abort_timeout),
    attempts: attempts == null || attempts >= MAX_RETRY_ATTEMPTS ? undefined : attempts,
  }
}

const UNITS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A time span as the server writes it, such as `1d 2h` or `50ms`, in ms. */
function spanOf(written: string | null | undefined): number {
  const parts = [...(written ?? '').matchAll(/(?<![\d.])([\d.]+)\s*([a-z]+)/g)]
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit!] ?? Number.NaN), 0)
}
