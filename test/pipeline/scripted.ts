import type { Json } from '../../src/kernel/schema.ts'
import type { ModelReply, ModelRequest } from '../../src/model/request/request.ts'
import type { PipelineServices } from '../../src/pipeline/step/context.ts'
import type { Tool } from '../../src/tool/tool.ts'
import { openWorkshop } from './workshop.ts'

type Script = { readonly [sign: string]: Json | readonly [one: Json, ...more: Json[]] }

/** A workshop whose model answers by the first sign it finds in what it is asked, of a list one after another. */
export function scripted(script: Script, services: Partial<PipelineServices> = {}, tools: readonly Tool[] = []) {
  const requests: ModelRequest[] = []
  const queues = new Map(Object.entries(script).map(([sign, said]) => [sign, Array.isArray(said) ? [...said] : [said]]))
  const bench = openWorkshop({
    services,
    tools,
    async generate(request): Promise<ModelReply> {
      requests.push(request)
      const [, queue = ['nothing']] = [...queues].find(([sign]) => request.instruction.includes(sign)) ?? []
      const answer = (queue.length > 1 ? queue.shift() : queue[0]) as Json
      const about = { citations: [], usage: { input: 2, output: 1 }, model: 'test/model' }
      return request.schema
        ? { ...about, text: JSON.stringify(answer), object: { answer } }
        : { ...about, text: String(answer) }
    },
  })
  return { ...bench, requests }
}
