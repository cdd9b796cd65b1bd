import { createListOpener } from '../../crypto/opened-lists.ts'

/** The device lists that this process has met, whichever of its devices met them: some 1 KiB each. */
export const openKnownList = createListOpener(4096)
