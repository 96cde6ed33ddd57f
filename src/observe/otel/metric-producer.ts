import type { HrTime } from '@opentelemetry/api'
import type { MetricData, MetricProducer } from '@opentelemetry/sdk-metrics'
import type { MetricFamily, MetricRegistry } from '../metrics/registry.ts'
import type { OtelPackages } from './packages.ts'

/** The metrics of a registry as OpenTelemetry exports them. */
export function metricProducer({ api, metrics, resources }: OtelPackages, registry: MetricRegistry): MetricProducer {
  const startTime = timeOf(registry.since)
  return {
    async collect() {
      const span = { startTime, endTime: timeOf(Date.now()) }
      const all = registry.families().map((family) => metricData({ api, metrics }, family, span))
      return {
        resourceMetrics: {
          resource: resources.emptyResource(),
          scopeMetrics: [
            { scope: { name: 'antiphon' }, metrics: all.filter(({ dataPoints }) => dataPoints.length > 0) },
          ],
        },
        errors: [],
      }
    },
  }
}

type MetricInterval = { readonly startTime: HrTime; readonly endTime: HrTime }

function metricData(
  { api, metrics }: Pick<OtelPackages, 'api' | 'metrics'>,
  family: MetricFamily,
  times: MetricInterval,
): MetricData {
  const { name, help: description, unit } = family
  const base = {
    descriptor: { name, description, unit, valueType: api.ValueType.DOUBLE },
    aggregationTemporality: metrics.AggregationTemporality.CUMULATIVE,
  }
  const { SUM, GAUGE, HISTOGRAM } = metrics.DataPointType
  if (family.type === 'histogram') {
    const dataPoints = family.points.map(({ labels: attributes, value: { bounds, counts, sum, count } }) => {
      const buckets = { boundaries: [...bounds], counts: [...counts] }
      return { ...times, attributes, value: { buckets, sum, count } }
    })
    return { ...base, dataPointType: HISTOGRAM, dataPoints }
  }
  const dataPoints = family.points.map(({ labels: attributes, value }) => ({ ...times, attributes, value }))
  if (family.type === 'gauge') return { ...base, dataPointType: GAUGE, dataPoints }
  return { ...base, dataPointType: SUM, isMonotonic: true, dataPoints }
}

const timeOf = (ms: number): HrTime => [Math.floor(ms / 1000), (ms % 1000) * 1e6]
