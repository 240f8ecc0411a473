/** The messages of ONNX (onnx.proto of onnx/onnx, IR version 8) that a graph is written in. Left out: all others. */
import protobuf from 'protobufjs'

const { root } = protobuf.parse(`
syntax = "proto2";
message ModelProto {
  optional int64 ir_version = 1; optional GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8;
}
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message GraphProto {
  repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; repeated ValueInfoProto value_info = 13;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; optional string op_type = 4;
  repeated AttributeProto attribute = 5; optional string domain = 7;
}
message AttributeProto {
  enum AttributeType { FLOAT = 1; INT = 2; STRING = 3; INTS = 7; }
  optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
  repeated int64 ints = 8 [packed = true]; optional AttributeType type = 20;
}
message TensorProto {
  enum DataLocation { DEFAULT = 0; EXTERNAL = 1; }
  repeated int64 dims = 1 [packed = true]; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
  repeated StringStringEntryProto external_data = 13; optional DataLocation data_location = 14;
}
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message TypeProto {
  message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
  oneof value { Tensor tensor_type = 1; }
}
message TensorShapeProto {
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
  repeated Dimension dim = 1;
}
`)
const ModelProto = root.lookupType('ModelProto')

/** An ONNX file's bytes from a ModelProto as a plain object, its fields in camel case. */
export function encodeModel(model: object): Uint8Array {
  return ModelProto.encode(ModelProto.create(model)).finish()
}
