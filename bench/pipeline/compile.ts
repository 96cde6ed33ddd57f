import { join } from 'node:path'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import increment from '../engine/increment.ts'
import type { Figures, Task } from '../task.ts'
import type { RunLoad } from './loads.ts'
import { textOf } from './shapes.ts'

/** Compiles a pipeline of that shape again and again; µs per step of it. */
export function openCompiler({ shape, steps }: RunLoad, { warmUp, seconds, folder }: Task): () => Promise<Figures> {
  const toolbox = createToolbox([increment])
  const text = textOf({ shape, steps })
  const file = join(folder, 'pipeline.yaml')
  const compile = (source: string) => {
    const { pipeline, findings } = compileText(source, { file, toolbox })
    if (!pipeline) throw new Error(findings[0]?.message)
  }
  const repeat = (source: string, milliseconds: number) => {
    const start = performance.now()
    let times = 0
    for (; times === 0 || performance.now() < start + milliseconds; times++) compile(source)
    return (performance.now() - start) / times
  }
  repeat(textOf({ shape, steps: 10 }), warmUp * 1000)
  return async () => {
    const milliseconds = repeat(text, seconds * 1000)
    return { milliseconds, microseconds: (milliseconds * 1000) / steps }
  }
}
