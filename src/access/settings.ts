import { z } from 'zod'

/** How people log in with a wallet: they sign the words of antiphon, or those of Choir, which name no server. */
export const loginDoor = z.enum(['wallet', 'choir'])
export type LoginDoor = z.infer<typeof loginDoor>

/** The key `login` under `serve` in antiphon.yaml. Absent: nobody logs in. */
export const loginSettings = { login: z.array(loginDoor).min(1).max(2).exactOptional() }
