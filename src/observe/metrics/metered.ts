import type { MeterProvider, Observable, ObservableCallback } from '@opentelemetry/api'
import type { Metric, MetricRegistry } from './registry.ts'

/** A call of the provider; undefined if it throws: its errors harm no work. */
export type CallProvider = <T>(call: () => T) => T | undefined

/** A registry that also counts with a meter of the program's provider, until it is closed. */
export function meteredRegistry(
  registry: MetricRegistry,
  provider: MeterProvider,
  call: CallProvider,
): { readonly registry: MetricRegistry; close(): void } {
  const meter = call(() => provider.getMeter('antiphon'))
  const observed: (readonly [Observable, ObservableCallback])[] = []
  return {
    registry: {
      ...registry,
      counter(metric) {
        const own = registry.counter(metric)
        const theirs = call(() => meter?.createCounter(metric.name, aboutOf(metric)))
        return {
          add(amount, labels) {
            own.add(amount, labels)
            call(() => theirs?.add(amount, labels))
          },
        }
      },
      histogram(metric, bounds) {
        const advice = { explicitBucketBoundaries: [...bounds] }
        const own = registry.histogram(metric, bounds)
        const theirs = call(() => meter?.createHistogram(metric.name, { ...aboutOf(metric), advice }))
        return {
          record(value, labels) {
            own.record(value, labels)
            call(() => theirs?.record(value, labels))
          },
        }
      },
      read(type, metric, read) {
        registry.read(type, metric, read)
        const { name } = metric
        const about = aboutOf(metric)
        const callback: ObservableCallback = (result) => {
          for (const { labels, value } of read()) result.observe(value, labels)
        }
        call(() => {
          const instrument =
            type === 'gauge' ? meter?.createObservableGauge(name, about) : meter?.createObservableCounter(name, about)
          instrument?.addCallback(callback)
          if (instrument) observed.push([instrument, callback])
        })
      },
    },
    close() {
      for (const [instrument, callback] of observed) call(() => instrument.removeCallback(callback))
    },
  }
}

const aboutOf = ({ help: description, unit }: Metric) => ({ description, unit })
