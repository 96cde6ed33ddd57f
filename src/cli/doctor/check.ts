import { explainError } from '../terminal/errors.ts'

export type Check = { readonly name: string; readonly ok: boolean; readonly text: string }
/** A named examination; an error that it throws is the finding. */
export type Examination = { readonly name: string; look(): Promise<string> | string }

export async function runExamination({ name, look }: Examination, folder: string): Promise<Check> {
  try {
    return { name, ok: true, text: await look() }
  } catch (error) {
    return failedCheck(name, error, folder)
  }
}

export const failedCheck = (name: string, error: unknown, folder: string): Check => ({
  name,
  ok: false,
  text: explainError(error, folder).text,
})
