import type { AskMain, JobRequest } from './runner.ts'

type Job = (input: unknown, ask?: AskMain) => unknown
type Context = { emit(message: unknown): void }

/** The first message of a job: its process, and the CPU time that this had used. */
export type JobBegun = { readonly pid: number; readonly cpu: NodeJS.CpuUsage }

/** Runs a job in a process of its own. It emits a message when the module is loaded and the job begins. */
export async function runInProcess({ input, ...job }: JobRequest, { emit }: Context): Promise<unknown> {
  const perform = await loadJob(job)
  emit({ pid: process.pid, cpu: process.cpuUsage() } satisfies JobBegun)
  try {
    return await perform(input)
  } catch (error) {
    // the limit of the address space
    if (error instanceof RangeError && /allocation failed/i.test(error.message)) process.abort()
    throw error
  }
}

export async function loadJob({ file, name }: Omit<JobRequest, 'input'>): Promise<Job> {
  return (await import(file))[name] as Job
}
