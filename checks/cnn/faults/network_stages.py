"""Task 4.1, what goes wrong in the convolutional stages: convolution, normalisation and pooling."""

from __future__ import annotations

from checks.cnn.faults.written import CONV, PARTS, convolution, fault

FAULTS = (
    # ---- the convolution
    fault(
        "conv-padding-valid",
        "architecture",
        "padding='valid'",
        conv=convolution(CONV.replace("same", "valid")),
    ),
    fault("filters-not-doubled", "architecture", "doubles", conv=convolution(CONV.replace(" * 2**i", ""))),
    fault(
        "filters-grow-linearly", "architecture", "doubles", conv=convolution(CONV.replace("2**i", "(i + 1)"))
    ),
    fault(
        "filters-start-at-twice-n",
        "architecture",
        "2 filters",
        conv=convolution(CONV.replace("2**i", "2**(i + 1)")),
    ),
    fault(
        "filters-reversed",
        "architecture",
        "doubles",
        conv=convolution(CONV.replace("2**i", "2**(n_conv_layers - 1 - i)")),
    ),
    fault(
        "n-filters-ignored", "architecture", "16 filters", conv=convolution(CONV.replace("n_filters", "16"))
    ),
    fault("n-conv-layers-ignored", "architecture", "2 convolutions", conv_loop="for i in range(2):"),
    fault(
        "one-convolution-too-few",
        "architecture",
        "convolution",
        conv_loop="for i in range(n_conv_layers - 1):",
    ),
    fault("kernel-5x5", "architecture", "5×5", conv=convolution(CONV.replace("3, 3", "5, 5"))),
    fault("conv-strides", "architecture", "strides", conv=convolution(CONV + ", strides=2")),
    fault("conv-dilated", "architecture", "dilation_rate", conv=convolution(CONV + ", dilation_rate=2")),
    fault(
        "conv-in-groups",
        "architecture",
        "groups",
        conv=convolution(CONV + ", groups=1 if i == 0 else n_filters"),
    ),
    fault(
        "depthwise-convolution",
        "architecture",
        "DepthwiseConv2D",
        conv="model.add(DepthwiseConv2D((3, 3), padding='same'))",
    ),
    fault(
        "separable-convolution", "architecture", "SeparableConv2D", conv=f"model.add(SeparableConv2D({CONV}))"
    ),
    fault("conv-without-bias", "architecture", "use_bias", conv=convolution(CONV + ", use_bias=False")),
    fault(
        "two-convolutions-per-stage",
        "architecture",
        "2 convolutions",
        conv=f"{convolution(CONV)}\n{convolution(CONV)}",
    ),
    fault(
        "channels-first",
        "architecture",
        "channels_first",
        conv=convolution(CONV + ", data_format='channels_first'"),
    ),
    # ---- normalisation and pooling
    fault("no-norm-in-stages", "architecture", "no BatchNormalization", "stage 1", conv_norm=""),
    fault("no-norm-after-dense", "architecture", "no BatchNormalization", "dense layer 1", dense_norm=""),
    fault(
        "no-norm-in-first-stage",
        "architecture",
        "no BatchNormalization",
        "stage 1",
        conv_norm="if i > 0:\n    model.add(BatchNormalization())",
    ),
    fault(
        "norm-before-convolution",
        "architecture",
        "before the convolution",
        conv="model.add(BatchNormalization())",
        conv_norm=convolution(CONV),
    ),
    fault(
        "norm-along-rows",
        "architecture",
        "BatchNormalization",
        conv_norm="model.add(BatchNormalization(axis=1))",
    ),
    fault(
        "norm-without-scale", "architecture", "scale", conv_norm="model.add(BatchNormalization(scale=False))"
    ),
    fault(
        "pooling-before-norm",
        "architecture",
        "pooling stands before",
        conv_norm=PARTS["pool"],
        pool=PARTS["conv_norm"],
    ),
    fault("average-pooling", "architecture", "AveragePooling2D", pool="model.add(AveragePooling2D((2, 2)))"),
    fault("pooling-3x3", "architecture", "3×3", pool="model.add(MaxPooling2D((3, 3), padding='same'))"),
    fault("pooling-strides-1", "architecture", "strides", pool="model.add(MaxPooling2D((2, 2), strides=1))"),
    fault(
        "pooling-padding-same",
        "architecture",
        "rounds the size up",
        pool="model.add(MaxPooling2D((2, 2), padding='same'))",
    ),
    fault(
        "no-pooling-at-the-end",
        "architecture",
        "no MaxPooling2D",
        pool="if i < n_conv_layers - 1:\n    model.add(MaxPooling2D((2, 2)))",
    ),
    fault("no-pooling", "architecture", "no MaxPooling2D", pool=""),
    fault(
        "one-pooling-at-the-end",
        "architecture",
        "no MaxPooling2D",
        pool="if i == n_conv_layers - 1:\n    model.add(MaxPooling2D((2, 2)))",
    ),
)
