import type { Point, Registry } from '../../observe/metrics/registry.ts'
import type { CacheCounts } from '../../store/cache/cache.ts'

const HITS = ['memory', 'redis', 'disk', 'shared'] as const

/** From now on what the cache gave again is among the metrics, once something was asked of it. */
export function countCache({ read }: Registry, counts: () => CacheCounts | undefined): void {
  type Of = (counts: CacheCounts) => readonly Point<number>[]
  const counter = (name: string, help: string, of: Of, unit = '{reply}') =>
    read('counter', { name: `antiphon.cache.${name}`, help, unit }, () => {
      const known = counts()
      return known ? of(known) : []
    })
  counter(
    'hits',
    'Replies that were given again, by where they were kept (shared: with who was asking for it).',
    (known) => HITS.map((place) => ({ labels: { 'antiphon.place': place }, value: known[place] })),
  )
  counter('misses', 'Replies that were asked for and not kept.', ({ made }) => [{ labels: {}, value: made }])
  const failures = 'How often a place of the cache could neither be read nor written.'
  counter('failures', failures, ({ failed }) => [{ labels: {}, value: failed }], '{failure}')
}
