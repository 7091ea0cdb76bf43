// Raw blocks, as JavaScript makes, opens and closes them.
#ifndef SHAREDCTYPES_BINDING_RAW_BLOCKS_H
#define SHAREDCTYPES_BINDING_RAW_BLOCKS_H

#include <napi.h>

namespace sharedctypes {

void export_raw_blocks(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
