import { addTo } from '../lib/group.ts'
import { nameIn } from '../run/workflow-rows.ts'
import type { Line } from './timeline.ts'

/** Steps whose names differ only by numbers, such as the items of `ctx.map`: one row, until it is opened. */
export type Family = { readonly name: string; readonly lines: readonly Line[] }

/** So many steps stand in one row, and in a run of more steps the failed one comes first. */
const LEAST = 20

/** The name that steps share: `charge` of `charge#7`, `item-…` of `item-7`. A comma parts names in the address. */
const familyOf = (id: string): string => nameIn(id).replace(/\d+/g, '…').replaceAll(',', ' ')

type Look = {
  readonly open: ReadonlySet<string>
  /** the step whose row is seen, also in a family */
  readonly chosen: string | undefined
  /** the step at which the run failed */
  readonly failed: string | undefined
}

/** The rows of a timeline, with families in one row. In an open one, the steps that failed come first. Pure. */
export function rowsOf(lines: readonly Line[], { open, chosen, failed }: Look): readonly (Line | Family)[] {
  const isBroken = ({ step }: Line) => step.id === failed
  const ordered = lines.length > LEAST ? partedBy(lines, isBroken) : lines
  const families = new Map<string, Line[]>()
  for (const line of ordered) addTo(families, familyOf(line.step.id), line)
  return ordered.flatMap((line): readonly (Line | Family)[] => {
    const name = familyOf(line.step.id)
    const all = families.get(name)!
    if (all.length < LEAST) return [line]
    if (line !== all[0]) return []
    const isOpen = open.has(name) || all.some(({ step }) => step.id === chosen)
    return [{ name, lines: all }, ...(isOpen ? partedBy(all, ({ step }) => step.status === 'failed') : [])]
  })
}

/** Those that fit first. */
const partedBy = (lines: readonly Line[], fits: (line: Line) => boolean): readonly Line[] => [
  ...lines.filter(fits),
  ...lines.filter((line) => !fits(line)),
]
