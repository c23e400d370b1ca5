using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Recognises one way of writing an affine map, by the last node of it.</summary>
/// <param name="graph">The graph.</param>
/// <param name="node">The node that produces <paramref name="tensor"/>.</param>
/// <param name="tensor">The result of the map.</param>
/// <returns>The map; <c>null</c> if this is not one, or if its matrix is not in the file.</returns>
internal delegate LinearLayer? LinearRecognizer(OnnxGraph graph, NodeProto node, string tensor);
