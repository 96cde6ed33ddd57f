import { asText, type JsonMap } from '../../../kernel/json.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { Report } from '../diagnostics/finding.ts'
import { STRATEGIES, type Strategy } from './pipeline-spec.ts'

/** How many steps of a run may be at work at once: `parallel` unless said otherwise. */
export function readStrategy({ strategy }: JsonMap, report: Report): Strategy {
  const known = STRATEGIES.find((word) => word === (strategy ?? 'parallel'))
  if (known) return known
  const word = asText(strategy ?? null)
  report('bad_value', ['strategy'], `there is no strategy \`${word}\``, {
    hint: suggestOrList(word, STRATEGIES, 'strategies'),
  })
  return 'parallel'
}

/** Whether a run that fails undoes what it did: `on_failure: undo` at the top level. */
export function readUndo({ on_failure: policy }: JsonMap, report: Report): boolean {
  if (policy === undefined || policy === 'fail' || policy === 'undo') return policy === 'undo'
  report('bad_value', ['on_failure'], '`on_failure:` of a whole pipeline is `fail` or `undo`', {
    hint: 'give other policies to the steps they are for',
  })
  return false
}
