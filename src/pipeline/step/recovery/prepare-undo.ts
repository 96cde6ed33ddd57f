import { withoutSecrets } from '../../../tool/secrets.ts'
import { stepOf } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import { type Ref, storeRef } from '../../plan/refs.ts'
import type { Trial } from '../attempt.ts'
import { rootsOf } from '../permissions.ts'
import { holds, renderCall } from '../templates/render.ts'
import { scopeOf } from '../templates/scope.ts'
import { inputOf } from '../tool-input.ts'
import { loadValues } from '../values/step-values.ts'

/** What a tool wants to know of how things were, kept before it acts for the first time, so that what it does can be undone. */
export async function prepareUndo({ services, open, start, call, emit }: Trial): Promise<Ref | null> {
  const pipeline = await open()
  const instance = parseInstance(pipeline, start.step)!
  const { work, condition } = stepOf(pipeline, instance.node)
  const tool = work.type === 'tool' ? services.toolbox.find(work.tool, work.operation) : undefined
  if (work.type !== 'tool' || !tool?.prepare) return null
  const { inputs, reads, lists } = await loadValues(pipeline, instance, start, services)
  const scope = scopeOf({ pipeline, instance, inputs, reads, run: start.run, loops: start.loops ?? {}, lists })
  if (condition !== undefined && !holds(condition, pipeline, scope)) return null
  const parameters = renderCall(tool, work.parameters, pipeline, scope)
  const given = { written: work.parameters, parameters }
  const roots = rootsOf(services, start)
  const { signal, idempotencyKey } = call
  const context = { signal, idempotencyKey, root: services.root, roots, emit }
  const memo = await withoutSecrets(services.secrets, async () =>
    tool.prepare!(await inputOf(tool, given, services, start), context),
  )
  // with a secret in it, it is not kept; without that, it would put back something else
  return services.secrets && services.secrets.hide(memo) !== memo ? null : storeRef(services.values, memo)
}
