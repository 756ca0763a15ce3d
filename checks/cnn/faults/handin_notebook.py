"""The notebook of the typical hand-in, in the percent format."""

# ruff: noqa: E501 - students write lines as long as they like

from __future__ import annotations

from checks.kit.fault import read_cells

CELLS = read_cells(r"""
# %% [markdown]
# # Laboration: 2D CNNs for image classification
# In this laboration you will work with 2D convolutions and 2D CNNs. You will classify the CIFAR-10 images.

# %% [markdown]
# # Part 1: Convolutions
# ## 1.1 Smoothing and edge detection with scipy.signal.convolve2d

# %%
from scipy import signal
import scipy
import numpy as np

# Get a test image
image = scipy.datasets.ascent()

# Define a help function for creating a Gaussian filter
def matlab_style_gauss2D(shape=(3,3), sigma=0.5):
    m,n = [(ss-1.)/2. for ss in shape]
    y,x = np.ogrid[-m:m+1,-n:n+1]
    h = np.exp( -(x*x + y*y) / (2.*sigma*sigma) )
    h[ h < np.finfo(h.dtype).eps*h.max() ] = 0
    sumh = h.sum()
    if sumh != 0:
        h /= sumh
    return h

# Create Gaussian filter with certain size and standard deviation
gaussFilter = matlab_style_gauss2D((15,15),4)

# Define filter kernels for SobelX and Sobely
sobelX = np.array([[ 1, 0, -1],
                   [ 2, 0, -2],
                   [ 1, 0, -1]])

sobelY = np.array([[ 1, 2, 1],
                   [ 0, 0, 0],
                   [-1, -2, -1]])

# %%
# Perform convolution using the function 'convolve2d' for the different filters
filterResponseGauss = signal.convolve2d(image, gaussFilter, mode='same')
filterResponseSobelX = signal.convolve2d(image, sobelX, mode='same')
filterResponseSobelY = signal.convolve2d(image, sobelY, mode='same')

# %%
import matplotlib.pyplot as plt

# Show filter responses
fig, (ax_orig, ax_filt1, ax_filt2, ax_filt3) = plt.subplots(1, 4, figsize=(20, 6))
ax_orig.imshow(image, cmap='gray')
ax_orig.set_title('Original')
ax_orig.set_axis_off()
ax_filt1.imshow(np.absolute(filterResponseGauss), cmap='gray')
ax_filt1.set_title('Filter response')
ax_filt1.set_axis_off()
ax_filt2.imshow(np.absolute(filterResponseSobelX), cmap='gray')
ax_filt2.set_title('Filter response')
ax_filt2.set_axis_off()
ax_filt3.imshow(np.absolute(filterResponseSobelY), cmap='gray')
ax_filt3.set_title('Filter response')
ax_filt3.set_axis_off()

# %% [markdown]
# ## 1.2 Understanding convolutions
#
# Question 1: What do the 3 different filters (Gaussian, SobelX, SobelY) do to the original image?
#
# The Gaussian filter blurs the image. SobelX finds vertical edges and SobelY horizontal edges.
#
# Question 2: What is the size of the original image? How many channels does it have? How many channels does a color image normally have?
#
# The size is 512 x 512 and it has 1 channel. A color image has 3 channels.
#
# Question 3: What is the size of the different filters?
#
# 15 x 15 for the Gaussian filter, 3 x 3 for both Sobel filters.
#
# Question 4: What is the size of the filter response if mode 'same' is used for the convolution?
#
# The same as the image, 512 x 512.
#
# Question 5: What is the size of the filter response if mode 'valid' is used for the convolution? How does the size of the valid filter response depend on the size of the filter?
#
# 498 x 498 and 510 x 510. It is n - m + 1 for an image of size n and a filter of size m.
#
# Question 6: Why are 'valid' convolutions a problem for CNNs with many layers?
#
# The image gets smaller in every layer, in the end nothing is left.

# %% [markdown]
# # Part 2: Get a graphics card
# ## 2.1 Which graphics card is used?

# %%
import os
import warnings

# Ignore FutureWarning from numpy
warnings.simplefilter(action='ignore', category=FutureWarning)

import tensorflow as tf

os.environ["CUDA_DEVICE_ORDER"]="PCI_BUS_ID"

# The GPU id to use, usually either "0" or "1";
os.environ["CUDA_VISIBLE_DEVICES"]="0"

# Allow growth of GPU memory, otherwise it will always look like all the memory is being used
physical_devices = tf.config.experimental.list_physical_devices('GPU')
if len(physical_devices) > 0:
    tf.config.experimental.set_memory_growth(physical_devices[0], True)
    print('Running on GPU', physical_devices)
else:
    print('Running on CPU')

# %% [markdown]
# Question 7: Why are the filters of size 7 x 7 x 3, and not 7 x 7, for a color image?
#
# There is one 7 x 7 filter per color channel, and the results are summed.
#
# Question 8: Is the operation performed by the 'Conv2D' layer a standard 2D convolution?
#
# No, it sums over all the channels, adds a bias and does not flip the filter.
#
# Question 9: How many CUDA cores does the graphics card RTX 3090 have?
#
# 10496
#
# Question 10: How much memory does the graphics card have?
#
# 24 GB
#
# Question 11: What is stored in the memory of the graphics card when training a CNN?
#
# The weights, the gradients, the state of the optimizer, the batch of images and all activations.
#
# Question 12: Do you think that the graphics card is equally faster than the CPU for 1000 images as for 3 images?
#
# No, with 3 images most of the cores have nothing to do.

# %% [markdown]
# # Part 3: Dataset
# ## 3.1 Load the dataset

# %%
from keras.datasets import cifar10
import numpy as np

classes = ['airplane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

# Download CIFAR train and test data
(X, Y), (Xtest, Ytest) = cifar10.load_data()

print("Training/validation images have size {} and labels have size {} ".format(X.shape, Y.shape))
print("Test images have size {} and labels have size {} \n ".format(Xtest.shape, Ytest.shape))

# Reduce the number of images for training/validation and testing to 10000 and 2000 respectively,
# to reduce processing time for this laboration
X = X[0:10000]
Y = Y[0:10000]

Xtest = Xtest[0:2000]
Ytest = Ytest[0:2000]

print("Reduced training/validation images have size %s and labels have size %s " % (X.shape, Y.shape))
print("Reduced test images have size %s and labels have size %s \n" % (Xtest.shape, Ytest.shape))

# Check that we have some training examples from each class
for i in range(10):
    print("Number of training/validation examples for class {} is {}".format(i,np.sum(Y == i)))

# %%
import matplotlib.pyplot as plt

plt.figure(figsize=(12,4))
for i in range(18):
    idx = np.random.randint(7500)
    label = Y[idx,0]

    plt.subplot(3,6,i+1)
    plt.tight_layout()
    plt.imshow(X[idx])
    plt.title("Class: {} ({})".format(label, classes[label]))
    plt.axis('off')
plt.show()

# %% [markdown]
# ## 3.2 Split data into training, validation and testing

# %%
from sklearn.model_selection import train_test_split

# Your code for splitting the dataset, 25% for validation
Xtrain, Xval, Ytrain, Yval = train_test_split(X, Y, test_size=0.25, random_state=42)

# Print the size of training data, validation data and test data
print("Size of training data ", Xtrain.shape)
print("Size of validation data ", Xval.shape)
print("Size of test data ", Xtest.shape)

# %% [markdown]
# ## 3.3 Preprocessing of images

# %%
# Convert datatype for Xtrain, Xval, Xtest, to float32
Xtrain = Xtrain.astype('float32')
Xval = Xval.astype('float32')
Xtest = Xtest.astype('float32')

# Change range of pixel values to [-1,1]
Xtrain = Xtrain / 127.5 - 1
Xval = Xval / 127.5 - 1
Xtest = Xtest / 127.5 - 1

# %% [markdown]
# ## 3.4 Preprocessing of labels

# %%
from keras.utils import to_categorical

# Print shapes before converting the labels
print("Ytrain has size {}.".format(Ytrain.shape))

# Your code for converting Ytrain, Yval, Ytest to categorical
Ytrain = to_categorical(Ytrain, 10)
Yval = to_categorical(Yval, 10)
Ytest = to_categorical(Ytest, 10)

# Print shapes after converting the labels
print("Ytrain has size {}.".format(Ytrain.shape))

# %% [markdown]
# # Part 4: 2D CNN
# ## 4.1 Build CNN

# %%
# Import functions from utilities file
from utilities import build_CNN

# %%
import matplotlib.pyplot as plt

# Plot the loss and the accuracy of a training
def plot_results(history):
    loss = history.history['loss']
    acc = history.history['accuracy']
    val_loss = history.history['val_loss']
    val_acc = history.history['val_accuracy']

    plt.figure(figsize=(10,4))
    plt.xlabel('Epochs')
    plt.ylabel('Loss')
    plt.plot(loss)
    plt.plot(val_loss)
    plt.legend(['Training','Validation'])

    plt.figure(figsize=(10,4))
    plt.xlabel('Epochs')
    plt.ylabel('Accuracy')
    plt.plot(acc)
    plt.plot(val_acc)
    plt.legend(['Training','Validation'])

    plt.show()

# %% [markdown]
# ## 4.2 Train 2D CNN

# %%
# Setup some training parameters
batch_size = 20
epochs = 20
learning_rate = 0.01
input_shape = Xtrain.shape[1:]
loss = 'categorical_crossentropy'

# Build model
model1 = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=0,
                   learning_rate=learning_rate, act_fun='relu', optimizer='adam')

# Train the model using training data and validation data
history1 = model1.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)

# %%
# Evaluate the trained model on test set, not used in training or validation
score = model1.evaluate(Xtest, Ytest, verbose=0)
print('Test loss: %.4f' % score[0])
print('Test accuracy: %.4f' % score[1])

# %%
# Plot the history from the training run
plot_results(history1)

# %% [markdown]
# Question 13: How big is the difference between training and test accuracy?
#
# The training accuracy is much higher than the test accuracy, so the network is overfitting.
#
# Question 14: For the DNN laboration we used a batch size of 10,000, why do we need to use a smaller batch size in this laboration?
#
# Images and their activations need more memory, and there are only few images.

# %% [markdown]
# ## 4.3 Improving performance

# %%
# 2 convolutional layers, 1 intermediate dense layer with 50 nodes
model1b = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=1, n_nodes=50,
                    learning_rate=learning_rate, act_fun='relu', optimizer='adam')
history1b = model1b.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)
score1b = model1b.evaluate(Xtest, Ytest, verbose=0)
print('Test loss: %.4f' % score1b[0])
print('Test accuracy: %.4f' % score1b[1])
plot_results(history1b)

# %%
# 4 convolutional layers, 1 intermediate dense layer with 50 nodes
model2 = build_CNN(input_shape, loss, n_conv_layers=4, n_filters=16, n_dense_layers=1, n_nodes=50,
                   learning_rate=learning_rate, act_fun='relu', optimizer='adam')
history2 = model2.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)
score2 = model2.evaluate(Xtest, Ytest, verbose=0)
print('Test loss: %.4f' % score2[0])
print('Test accuracy: %.4f' % score2[1])
plot_results(history2)

# %% [markdown]
# ## 4.4 Plot the CNN architecture

# %%
# Print network architecture
model2.summary()

# %% [markdown]
# Question 15: How many trainable parameters does your network have? Which part of the network contains most of the parameters?
#
# 124,180, most of them in the last convolutional layer (73,856).
#
# Question 16: What is the input to and output of a Conv2D layer? What are the dimensions of the input and output?
#
# The input is 4D: (batch, height, width, channels), the output is (batch, height, width, filters).
#
# Question 17: Is the batch size always the first dimension of each 4D tensor?
#
# Yes, it is, both for channels_last and channels_first.
#
# Question 18: If a convolutional layer that contains 128 filters is applied to an input with 32 channels, what is the number of channels in the output?
#
# 128
#
# Question 19: Why is the number of parameters in each Conv2D layer not equal to the number of filters times the number of filter coefficients in each filter?
#
# Each filter goes through all input channels, and there is a bias per filter.
#
# Question 20: How does MaxPooling help in reducing the number of parameters to train?
#
# It has no parameters, but makes the images smaller, so that the first dense layer has fewer weights.

# %% [markdown]
# ## 4.5 Dropout regularization

# %%
# As model2, but with dropout
model3 = build_CNN(input_shape, loss, n_conv_layers=4, n_filters=16, n_dense_layers=1, n_nodes=50,
                   use_dropout=True, learning_rate=learning_rate, act_fun='relu', optimizer='adam')
history3 = model3.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)

# %%
score3 = model3.evaluate(Xtest, Ytest, verbose=0)
print('Test loss: %.4f' % score3[0])
print('Test accuracy: %.4f' % score3[1])
plot_results(history3)

# %% [markdown]
# Question 21: How much did the test accuracy improve with dropout, compared to without dropout?
#
# By a few percent.
#
# Question 22: What other types of regularization can be applied? How can you add L2 regularization for the convolutional layers?
#
# L1, L2, early stopping, augmentation. With kernel_regularizer=keras.regularizers.l2(0.01) in Conv2D.

# %% [markdown]
# ## 4.6 Tweaking performance

# %%
# Our best configuration
batch_size = 128
model4 = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=1, n_nodes=32,
                   use_dropout=True, learning_rate=learning_rate, act_fun='relu', optimizer='adam')
history4 = model4.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=epochs, verbose=2)

# %%
score4 = model4.evaluate(Xtest, Ytest, verbose=0)
print('Test loss: %.4f' % score4[0])
print('Test accuracy: %.4f' % score4[1])
plot_results(history4)

# %% [markdown]
# Question 23: How high test accuracy can you obtain? What is your best configuration?
#
# 2 convolutional layers with 16 filters, 1 dense layer with 32 nodes, dropout and batch size 128 was best.

# %% [markdown]
# # Part 5: Generalization
# ## 5.0 Rotate the test images

# %%
# Rotate the test images 90 degrees
def myrotate(images):
    images_rot = np.rot90(images, axes=(1,2))
    return images_rot

Xtest_rotated = myrotate(Xtest)

plt.figure(figsize=(16,4))
for i in range(10):
    idx = np.random.randint(500)
    plt.subplot(2,10,i+1)
    plt.imshow(Xtest[idx]/2+0.5)
    plt.title("Original")
    plt.axis('off')
    plt.subplot(2,10,i+11)
    plt.imshow(Xtest_rotated[idx]/2+0.5)
    plt.title("Rotated")
    plt.axis('off')
plt.show()

# %%
# Evaluate the trained model on rotated test set
score4_rotated = model4.evaluate(Xtest_rotated, Ytest, verbose=0)
print('Test loss: %.4f' % score4_rotated[0])
print('Test accuracy: %.4f' % score4_rotated[1])

# %% [markdown]
# Question 24: What is the test accuracy for rotated test images, compared to test images without rotation? Explain the difference in accuracy.
#
# It is much lower, since the network never saw rotated images.

# %% [markdown]
# ## 5.1 Augmentation using Keras ImageDataGenerator

# %%
# Get all 10,000 training images again. ImageDataGenerator manages validation data on its own
(Xtrain, Ytrain), (Xtest, Ytest) = cifar10.load_data()

# Reduce number of images to 10,000 and 2,000
Xtrain = Xtrain[0:10000]
Ytrain = Ytrain[0:10000]
Xtest = Xtest[0:2000]
Ytest = Ytest[0:2000]

Xtrain, Xval, Ytrain, Yval = train_test_split(Xtrain, Ytrain, test_size=0.25, random_state=42)

# Change data type and rescale range
Xtrain = Xtrain.astype('float32') / 127.5 - 1
Xval = Xval.astype('float32') / 127.5 - 1
Xtest = Xtest.astype('float32') / 127.5 - 1

# Convert labels to hot encoding
Ytrain = to_categorical(Ytrain, 10)
Yval = to_categorical(Yval, 10)
Ytest = to_categorical(Ytest, 10)

# %%
# Set up a data generator with on-the-fly data augmentation
from tensorflow.keras.preprocessing.image import ImageDataGenerator

batch_size = 128
datagen = ImageDataGenerator(rotation_range=30, horizontal_flip=True, vertical_flip=True)

# Setup flows for training and validation data
train_flow = datagen.flow(Xtrain, Ytrain, batch_size=batch_size)
val_flow = datagen.flow(Xval, Yval, batch_size=batch_size)

# %%
# Plot some augmented images
plot_datagen = datagen.flow(Xtrain, Ytrain, batch_size=1)

plt.figure(figsize=(12,4))
for i in range(18):
    (im, label) = next(plot_datagen)
    im = (im[0] + 1) / 2
    label = np.flatnonzero(label)[0]

    plt.subplot(3,6,i+1)
    plt.tight_layout()
    plt.imshow(im)
    plt.title("Class: {} ({})".format(label, classes[label]))
    plt.axis('off')
plt.show()

# %% [markdown]
# Question 25: How does flow differ from flow_from_directory? What can you do if the images do not fit in memory? What is the disadvantage?
#
# Use flow_from_directory, it reads the images from disk, which is slower.

# %% [markdown]
# ## 5.2 Train the CNN with images from the generator

# %%
# Setup some training parameters
epochs = 40

# Build model (your best config)
model6 = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=1, n_nodes=32,
                   use_dropout=True, learning_rate=learning_rate, act_fun='relu', optimizer='adam')

# Train the model using on the fly augmentation
history6 = model6.fit(train_flow, validation_data=val_flow, epochs=epochs,
                      steps_per_epoch=int(np.ceil(len(Xtrain)/batch_size)),
                      validation_steps=int(np.ceil(len(Xval)/batch_size)), verbose=2)

# %%
# Check if there is still a big difference in accuracy for original and rotated test images
score6 = model6.evaluate(Xtest, Ytest, verbose=0)
print('Test loss: %.4f' % score6[0])
print('Test accuracy: %.4f' % score6[1])

Xtest_rotated = myrotate(Xtest)
score6_rotated = model6.evaluate(Xtest_rotated, Ytest, verbose=0)
print('Test loss: %.4f' % score6_rotated[0])
print('Test accuracy: %.4f' % score6_rotated[1])

plot_results(history6)

# %% [markdown]
# Question 26: How quickly is the training accuracy increasing compared to without augmentation? Explain why there is a difference compared to without augmentation. What parameter can you change to obtain a higher accuracy?
#
# Slower, since the images are new in every epoch. Train for more epochs.
#
# Question 27: What other types of image augmentation can be applied, compared to what we use here?
#
# Shifts, zoom, shear, brightness and channel shifts.

# %%
# Find misclassified images
y_pred = model6.predict(Xtest, verbose=0)
y_pred = np.argmax(y_pred, axis=1)
y_correct = np.argmax(Ytest, axis=-1)
miss = np.flatnonzero(y_correct != y_pred)

# %%
# Plot a few of them
plt.figure(figsize=(15,4))
perm = np.random.permutation(miss)
for i in range(18):
    im = (Xtest[perm[i]] + 1) / 2
    label_correct = y_correct[perm[i]]
    label_pred = y_pred[perm[i]]

    plt.subplot(3,6,i+1)
    plt.tight_layout()
    plt.imshow(im)
    plt.axis('off')
    plt.title("{}, classified as {}".format(classes[label_correct], classes[label_pred]))
plt.show()

# %% [markdown]
# ## 5.3 Testing on another size
#
# Question 28: This CNN has been trained on 32 x 32 images, can it be applied to images of another size? If not, why is this the case?
#
# No, the flattened image would not fit the dense layer.
#
# Question 29: Is it possible to design a CNN that can be trained on images of one size, and then applied to an image of any size? How?
#
# Yes, with global average pooling or only convolutional layers.

# %% [markdown]
# # Part 6: Carbon footprint
# ## 6 Carbon footprint of the training

# %%
from carbontracker.tracker import CarbonTracker

epochs = 5
model7 = build_CNN(input_shape, loss, n_conv_layers=2, n_filters=16, n_dense_layers=1, n_nodes=50,
                   learning_rate=learning_rate, act_fun='relu', optimizer='adam')

# Create a CarbonTracker object
tracker = CarbonTracker(epochs=epochs)

for epoch in range(epochs):
    tracker.epoch_start()
    model7.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=batch_size, epochs=1, verbose=0)
    tracker.epoch_end()

tracker.stop()

# %% [markdown]
# Question 28: Which factor of the training influences the carbon footprint most?
#
# The number of epochs.
#
# Question 29: How does the batch size influence the carbon footprint?
#
# A small batch size needs more steps, a very large one more memory.
#
# Question 30: How can you reduce the carbon footprint of a model that many people use?
#
# With a smaller model, better hardware and green electricity.

# %% [markdown]
# # Part 7: Pre-trained 2D CNN
# ## 7 Pre-trained ResNet50

# %%
from keras.applications.resnet50 import ResNet50, preprocess_input, decode_predictions
from keras.preprocessing import image

model8 = ResNet50(weights='imagenet')
model8.summary()

# %%
# Classify five photos
for name in ['cat.jpg', 'dog.jpg', 'car.jpg', 'boat.jpg', 'house.jpg']:
    img = image.load_img(name, target_size=(224, 224))
    x = image.img_to_array(img)
    x = np.expand_dims(x, axis=0)
    x = preprocess_input(x)

    preds = model8.predict(x, verbose=0)
    print(name, 'predicted:', decode_predictions(preds, top=3)[0])

# %% [markdown]
# Question 31: How many convolutional layers does ResNet50 have?
#
# 53
#
# Question 32: How many trainable parameters does the ResNet50 network have?
#
# 25,583,592
#
# Question 33: What is the size of the images that ResNet50 expects as input?
#
# 224 x 224 x 3
#
# Question 34: Using the answer to question 32, explain why the second derivative is seldom used when training deep networks.
#
# The Hessian matrix has the number of parameters squared, about 6.5e14 elements.
#
# Question 35: How does the carbon footprint of a pre-trained network compare to training from scratch?
#
# It is much lower, since the training is done only once.

# %% [markdown]
# # Part 8 (optional): Hyper-parameter search
# ## 8 Set up Ray Tune

# %%
from ray import tune

def train_CNN(config):
    model = build_CNN((32, 32, 3), 'categorical_crossentropy', n_conv_layers=config['n_conv_layers'],
                      n_filters=config['n_filters'], n_dense_layers=1, n_nodes=config['n_nodes'],
                      use_dropout=True, learning_rate=config['learning_rate'], act_fun='relu', optimizer='adam')
    history = model.fit(Xtrain, Ytrain, validation_data=(Xval, Yval), batch_size=128, epochs=5, verbose=0)
    tune.report({'val_accuracy': history.history['val_accuracy'][-1]})

# %%
search_space = {
    'n_conv_layers': tune.choice([2, 3, 4]),
    'n_filters': tune.choice([16, 32]),
    'n_nodes': tune.choice([32, 50, 100]),
    'learning_rate': tune.loguniform(1e-4, 1e-2),
}
tuner = tune.Tuner(
    train_CNN,
    param_space=search_space,
    tune_config=tune.TuneConfig(num_samples=4, metric='val_accuracy', mode='max'),
)
results = tuner.fit()
best = results.get_best_result()
print(best.config, best.metrics['val_accuracy'])
""")
