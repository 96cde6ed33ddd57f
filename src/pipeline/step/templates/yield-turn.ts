import { setImmediate as nextTurn } from 'node:timers/promises'
import { renderedSteps } from '../../../template/template.ts'

/** Work of templates after which others have their turn: about ten milliseconds. */
const MOST = 20_000
let seen = 0

/** Lets others have their turn where steps have rendered much since they last had it; undefined where not. */
export function breathe(): Promise<void> | undefined {
  if (renderedSteps() - seen < MOST) return undefined
  return nextTurn().then(() => {
    seen = renderedSteps()
  })
}
