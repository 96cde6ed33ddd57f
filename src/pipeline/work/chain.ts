import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { resolveInRoots } from '../../tool/roots.ts'
import type { Parameters } from '../compiled.ts'
import type { Deed, Job } from './job.ts'
import { renderAll } from './render.ts'

/** The question a step puts to the phase chain; the step itself sends it, for waiting is no effect. */
export async function prepareAsk(
  authored: Parameters,
  { services, pipeline, scope, start, roots }: Job,
): Promise<Deed> {
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as Parameters
  const { prompt, files, thread, ...options } = parameters
  if (typeof prompt !== 'string' || prompt.trim() === '')
    throw new TerminalError('parameters.prompt is empty', { code: 'missing_parameter' })
  const { root } = services
  // a chain reads what it is told to: what a pipeline may tell it is decided here
  const paths = await Promise.all(pathsIn(files).map((path) => resolveInRoots(path, { root, roots })))
  const sources = paths.map((ref, index) => ({ id: `f${index + 1}`, kind: 'file', ref }))
  const name = typeof thread === 'string' && thread !== '' ? thread : `${start.run.id}.${start.step}`
  await services.openThread?.(name)
  return {
    type: 'ask',
    thread: name,
    ask: { type: 'ask', prompt, sources, ...options },
    parameters,
  }
}

function pathsIn(files: Json | undefined): readonly string[] {
  const list = typeof files === 'string' ? files.split(',').map((path) => path.trim()) : (files ?? [])
  if (Array.isArray(list) && list.every((path) => typeof path === 'string')) return list.filter((path) => path !== '')
  throw new TerminalError('parameters.files: a list of paths', { code: 'bad_value' })
}
