import { InvalidError } from '../../errors.ts'

/** The part of `telemetry:` in antiphon.yaml for traces and metrics. */
export type TelemetryConfig = {
  /** address of an OTLP collector over HTTP, without `/v1/traces` */
  readonly endpoint?: string
  readonly service?: string
  /** the sampled share of new traces */
  readonly ratio?: number
  /**
   * whether to count metrics: the default is on with `antiphon serve` and OTLP; otherwise only
   * status metrics exist
   */
  readonly metrics?: boolean
}

type OtelEnvironment = { readonly [name: string]: string | undefined }

/** Export targets, from OpenTelemetry's own variables or else the configuration. */
export type OtelSettings = {
  readonly traces?: string
  readonly metrics?: string
  readonly service: string
  readonly sampler: SamplerSetting
  /** ms between two exports of metrics */
  readonly interval: number
}
type SamplerSetting = { readonly parentBased: boolean; readonly ratio: number }

/** Undefined when nothing is exported; InvalidError for an unknown sampler. */
export function readOtelSettings(config: TelemetryConfig, environment: OtelEnvironment): OtelSettings | undefined {
  if (environment.OTEL_SDK_DISABLED === 'true') return undefined
  const traces = addressOf('traces', config, environment)
  const metrics = addressOf('metrics', config, environment)
  if (traces === undefined && metrics === undefined) return undefined
  return {
    ...(traces !== undefined && { traces }),
    ...(metrics !== undefined && { metrics }),
    service: environment.OTEL_SERVICE_NAME || config.service || 'antiphon',
    sampler: samplerOf(config, environment),
    interval: intervalOf(environment.OTEL_METRIC_EXPORT_INTERVAL || '60000'),
  }
}

function addressOf(
  signal: 'traces' | 'metrics',
  { endpoint }: TelemetryConfig,
  environment: OtelEnvironment,
): string | undefined {
  const SIGNAL = signal.toUpperCase()
  if (environment[`OTEL_${SIGNAL}_EXPORTER`] === 'none') return undefined
  const own = addressIn(`OTEL_EXPORTER_OTLP_${SIGNAL}_ENDPOINT`, environment)
  if (own) return own
  const base = addressIn('OTEL_EXPORTER_OTLP_ENDPOINT', environment) || endpoint
  return base ? `${base.replace(/\/+$/, '')}/v1/${signal}` : undefined
}

// the error does not repeat the value, which may be a key
function addressIn(variable: string, environment: OtelEnvironment): string | undefined {
  const address = environment[variable]
  if (!address || /^https?:$/.test(URL.parse(address)?.protocol ?? '')) return address
  throw new InvalidError(`${variable}: expected an address such as http://127.0.0.1:4318.`)
}

const DAY_MS = 86_400_000

function intervalOf(text: string): number {
  const interval = Number(text)
  if (Number.isInteger(interval) && interval > 0 && interval <= DAY_MS) return interval
  throw new InvalidError(
    `OTEL_METRIC_EXPORT_INTERVAL: expected milliseconds from 1 to ${DAY_MS}, not ${JSON.stringify(text.slice(0, 100))}.`,
  )
}

const SAMPLERS = ['always_on', 'always_off', 'traceidratio'] as const

function samplerOf({ ratio = 1 }: TelemetryConfig, environment: OtelEnvironment): SamplerSetting {
  const given = environment.OTEL_TRACES_SAMPLER
  if (!given) return { parentBased: true, ratio }
  const parentBased = given.startsWith('parentbased_')
  const root = given.replace('parentbased_', '')
  if (root === 'always_on') return { parentBased, ratio: 1 }
  if (root === 'always_off') return { parentBased, ratio: 0 }
  if (root === 'traceidratio') return { parentBased, ratio: ratioOf(environment.OTEL_TRACES_SAMPLER_ARG) }
  throw new InvalidError(`OTEL_TRACES_SAMPLER: there is no sampler ${JSON.stringify(given.slice(0, 100))} here.`, {
    hint: `Known: ${SAMPLERS.flatMap((name) => [name, `parentbased_${name}`]).join(', ')}.`,
  })
}

function ratioOf(text = '1'): number {
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new InvalidError(
    `OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, not ${JSON.stringify(text.slice(0, 100))}.`,
  )
}
