import { z } from 'zod'
import { nearestWord } from '../../lib/suggest.ts'

const CHECKS = ['cited', 'numbers', 'quotes', 'fresh']

/** The name of a check of an answer: `cited`, `numbers`, `quotes`, or `fresh: 90d` with an age in days. */
export const checkName = z
  .string()
  .regex(/^(?:cited|numbers|quotes|fresh: ?[1-9]\d{0,4}d)$/, { error: ({ input }) => unknownCheck(String(input)) })

/** The same in YAML, where `fresh: 90d` in a list is a map. */
export const checkSetting = z.preprocess((given) => {
  const [entry, ...more] = typeof given === 'object' && given !== null ? Object.entries(given) : []
  return entry && more.length === 0 ? entry.map(String).join(': ') : given
}, checkName)

function unknownCheck(given: string): string {
  if (/^fresh\b/.test(given)) return 'expected the age in days, such as fresh: 90d'
  const meant = nearestWord(given, CHECKS)
  return `expected cited, numbers, quotes or fresh: 90d${meant === undefined ? '' : `; did you mean ${meant}?`}`
}
