import type { Distribution, Metric, MetricFamily, MetricLabels } from './registry.ts'

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** All metrics in the Prometheus text format 0.0.4. */
export const prometheusText = (families: readonly MetricFamily[]): string => families.map(familyText).join('')

function familyText(family: MetricFamily): string {
  const name = prometheusName(family, family.type)
  const head = [
    `# HELP ${name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${family.type}`,
  ]
  const lines =
    family.type === 'histogram'
      ? family.points.flatMap(({ labels, value }) => distributionLines(name, labels, value))
      : family.points.map(({ labels, value }) => sample(name, labels, value))
  return `${[...head, ...lines].join('\n')}\n`
}

/** Prometheus buckets are cumulative. */
function distributionLines(name: string, labels: MetricLabels, { bounds, counts, sum, count }: Distribution): string[] {
  let below = 0
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, place) => {
    below += counts[place]!
    return sample(`${name}_bucket`, { ...labels, le: numberText(bound) }, below)
  })
  return [...buckets, sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count)]
}

function sample(name: string, labels: MetricLabels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${wordOf(label)}="${escaped(text)}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberText(value)}`
}

const UNITS: { readonly [unit: string]: string } = { s: 'seconds', By: 'bytes', '1': 'ratio', USD: 'usd' }

/** The name with its unit, and `_total` for a counter, as OpenTelemetry maps names to Prometheus. */
function prometheusName({ name, unit }: Metric, type: MetricFamily['type']): string {
  const word = wordOf(name)
  const suffix = UNITS[unit]
  const named = suffix === undefined || word.endsWith(suffix) ? word : `${word}_${suffix}`
  return type === 'counter' ? `${named}_total` : named
}

const wordOf = (name: string) => name.replaceAll(/[^a-zA-Z0-9_]/g, '_')
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
