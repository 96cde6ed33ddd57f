import type { ToolAdvice, WrittenParameters } from '../../advice.ts'
import { hasTemplate } from '../../secrets.ts'

/** Warns of a template in code: what it fills in becomes part of the program. */
export function adviceOnCode({ code }: WrittenParameters): readonly ToolAdvice[] {
  if (typeof code !== 'string' || !hasTemplate(code)) return []
  return [
    {
      parameter: 'code',
      message: 'a template in code makes data part of the program',
      hint: 'Pass the value under `inputs:`, and read it in the code as `inputs["name"]`.',
      warning: 'template_in_code',
    },
  ]
}
