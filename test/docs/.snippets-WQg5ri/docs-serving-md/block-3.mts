import { handler } from './ai.mts'

export { handler as DELETE, handler as GET, handler as PATCH, handler as POST, handler as PUT }
