import { z } from 'zod'

/** The key of antiphon.yaml for memory. `remember`: answers of asks become records, unless an ask says otherwise. */
export const memorySettings = {
  memory: z.strictObject({ remember: z.boolean().exactOptional() }).exactOptional(),
}
