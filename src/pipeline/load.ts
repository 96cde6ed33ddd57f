import { readFile } from 'node:fs/promises'
import { pipelinesBeside } from './below.ts'
import { type Compilation, type CompileContext, compileText } from './compile.ts'
import { includedFiles } from './included.ts'
import { includedWritten, pipelinesWritten, type Written } from './written.ts'

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

/** Compiles a file; one that cannot be read is a finding like any other. `shown`: what to call it; `project`: where it may include from. */
export async function compileFile(
  path: string,
  context: Omit<CompileContext, 'file' | 'read'> & { readonly shown?: string; readonly project: string },
): Promise<Compilation> {
  const { shown: file = path, project, ...rest } = context
  try {
    return compileText(await readFile(path, 'utf8'), {
      ...rest,
      file,
      read: includedFiles(path, project),
      findPipeline: pipelinesBeside(path, project),
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const why = WHY[code] ?? message
    return { findings: [{ code: 'file_unreadable', severity: 'error', message: `cannot read ${file}: ${why}`, file }] }
  }
}
