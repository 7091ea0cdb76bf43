/** What the accessors of this layer need of memory. */
export interface Memory {
  /** The object's own bytes. Throws ERR_CLOSED once it is closed. */
  dataView(): DataView<ArrayBuffer>
}
