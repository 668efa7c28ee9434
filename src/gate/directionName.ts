/** Where the bytes of a direction go. */
export type DirectionName = 'toServer' | 'toClient';
