import type { MeterProvider, Observable, ObservableCallback } from '@opentelemetry/api'
import type { MetricRegistry } from './registry.ts'

/** A registry that also counts with a meter of the program's provider, until it is closed. */
export function meteredRegistry(
  registry: MetricRegistry,
  provider: MeterProvider,
): { readonly registry: MetricRegistry; close(): void } {
  const meter = provider.getMeter('antiphon')
  const observed: (readonly [Observable, ObservableCallback])[] = []
  return {
    registry: {
      ...registry,
      counter(metric) {
        const [own, theirs] = [registry.counter(metric), meter.createCounter(metric.name, aboutOf(metric))]
        return {
          add(amount, labels) {
            own.add(amount, labels)
            theirs.add(amount, labels)
          },
        }
      },
      histogram(metric, bounds) {
        const advice = { explicitBucketBoundaries: [...bounds] }
        const own = registry.histogram(metric, bounds)
        const theirs = meter.createHistogram(metric.name, { ...aboutOf(metric), advice })
        return {
          record(value, labels) {
            own.record(value, labels)
            theirs.record(value, labels)
          },
        }
      },
      read(type, metric, read) {
        registry.read(type, metric, read)
        const { name } = metric
        const about = aboutOf(metric)
        const instrument =
          type === 'gauge' ? meter.createObservableGauge(name, about) : meter.createObservableCounter(name, about)
        const callback: ObservableCallback = (result) => {
          for (const { labels, value } of read()) result.observe(value, labels)
        }
        instrument.addCallback(callback)
        observed.push([instrument, callback])
      },
    },
    close() {
      for (const [instrument, callback] of observed) instrument.removeCallback(callback)
    },
  }
}

const aboutOf = ({ help: description, unit }: { readonly help: string; readonly unit: string }) => ({
  description,
  unit,
})
