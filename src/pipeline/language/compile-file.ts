import { readFile } from 'node:fs/promises'
import { InvalidError } from '../../errors.ts'
import { liesOutside, sayOutside } from '../../tool/roots.ts'
import { type Compilation, type CompileContext, compileText } from './compile.ts'
import type { Finding } from './diagnostics/finding.ts'
import { includedWritten, pipelinesWritten, type Written } from './source/bundle.ts'
import { decodePipeline, includedFiles } from './source/files.ts'
import { pipelinesBeside } from './source/resolve.ts'

/** Compiles a text that came from elsewhere: nothing of this machine is read. */
export function compileWritten(written: Written, context: Omit<CompileContext, 'file' | 'read'>): Compilation {
  const { text, name: file } = written
  return compileText(text, {
    ...context,
    file,
    read: includedWritten(written),
    findPipeline: pipelinesWritten(written),
  })
}

const WHY: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; give the files in it, as in folder/*.yaml',
  EACCES: 'this user may not read it',
}

/** Where a file is compiled. `shown`: what to call it; `project`: where it may include from; `roots`: what its tools may touch. */
type Place = { readonly shown?: string; readonly project: string; readonly roots?: readonly string[] }

/** Compiles a file; one that cannot be read is a finding like any other. */
export async function compileFile(
  path: string,
  context: Omit<CompileContext, 'file' | 'read' | 'judgePath'> & Place,
): Promise<Compilation> {
  const { shown: file = path, project, roots, ...rest } = context
  try {
    return compileText(decodePipeline(await readFile(path), file), {
      ...rest,
      file,
      read: includedFiles(path, project),
      findPipeline: pipelinesBeside(path, project),
      ...(roots && { judgePath: pathsIn({ root: project, roots }) }),
    })
  } catch (error) {
    if (error instanceof InvalidError && error.code === 'file_unreadable') return { findings: [undecoded(error, file)] }
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const why = WHY[code] ?? message
    return { findings: [{ code: 'file_unreadable', severity: 'error', message: `cannot read ${file}: ${why}`, file }] }
  }
}

function undecoded({ message, hint, place }: InvalidError, file: string): Finding {
  return { code: 'file_unreadable', severity: 'error', message, file, ...place, ...(hint !== undefined && { hint }) }
}

const HINT = 'to allow it, name its folder under `roots:` in antiphon.yaml'

function pathsIn(place: Parameters<typeof liesOutside>[1]): NonNullable<CompileContext['judgePath']> {
  return (path) => (liesOutside(path, place) ? { message: sayOutside(path, place.roots), hint: HINT } : undefined)
}
