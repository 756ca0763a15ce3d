"""The lab `cnn`: 2D convolutions and image classification on CIFAR-10."""
