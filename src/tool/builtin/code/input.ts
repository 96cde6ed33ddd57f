import { z } from 'zod'
import { anyJson } from '../any-json.ts'
import { pathInput } from '../filesystem/path.ts'

/** The parameters of a step with code. Its values come in `inputs`, not in the text. */
export const codeInput = {
  code: z.string().min(1, 'expected code, got an empty text').max(1_000_000),
  inputs: anyJson.default({}),
  files: z.array(pathInput).max(1000).default([]),
  output_dir: pathInput.optional(),
  timeout: z.number().positive().max(3600).optional().describe('seconds; absent: `sandbox: { seconds }`'),
}

export const sandboxName = z.string()
